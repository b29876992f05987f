"""Parquet files of text columns (the raw zone, or rows that were reshaped) as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.blocks import arrow_arrays
from citylake.pipelines.blocks.block import DICTIONARY_TYPE, PROVENANCE_COLUMNS, Block, EncodedColumn
from citylake.pipelines.blocks.pack_blocks import pack_pieces
from citylake.pipelines.blocks.timings import WorkTimings
from citylake.pipelines.lake.lake_zones import Lake

CONFLICT_COLUMN = "_conflict"


@dataclass(frozen=True, slots=True)
class RowGroupSlice:
    """A row group of one file."""

    path: str
    group: int
    rows: int


@dataclass(frozen=True, slots=True)
class ParquetBlocks:
    """Files of the same columns, of at most about ``size`` rows a block; small ones share a block."""

    files: Sequence[str]
    fields: Sequence[str]
    lake: Lake
    size: int
    spent: WorkTimings = field(default_factory=WorkTimings)

    def slices(self) -> Iterator[list[RowGroupSlice]]:
        """What makes a block, in order."""
        pieces = (piece for path in self.files for piece in self._groups(path))
        return pack_pieces(pieces, lambda piece: piece.rows, self.size)

    def load(self, slices: list[RowGroupSlice]) -> Block:
        """The block of ``slices``."""
        with self.spent.on("read"):
            return self._block(slices)

    def _block(self, slices: list[RowGroupSlice]) -> Block:
        table = pa.concat_tables([self._table(piece) for piece in slices]).unify_dictionaries()
        columns = {
            name: EncodedColumn.of(arrow_arrays.single_array(table[name]))
            for name in table.column_names
            if name not in ("_row", CONFLICT_COLUMN)
        }
        numbers = np.concatenate([arrow_arrays.arrow_to_numpy(chunk) for chunk in table["_row"].chunks])
        conflict = (
            np.asarray(pl.Series(table[CONFLICT_COLUMN]).fill_null(value=False))
            if CONFLICT_COLUMN in table.column_names
            else None
        )
        return Block(columns, table.num_rows, lambda: numbers, conflict)

    def _groups(self, path: str) -> Iterator[RowGroupSlice]:
        with self._opened(path) as file:
            found = pq.ParquetFile(file).metadata
            for number in range(found.num_row_groups):
                if rows := found.row_group(number).num_rows:
                    yield RowGroupSlice(path, number, rows)

    def _table(self, piece: RowGroupSlice) -> pa.Table:
        names = [*self.fields, *PROVENANCE_COLUMNS]
        with self._opened(piece.path) as file:
            texts = [name for name in names if name != "_row"]
            source = pq.ParquetFile(file, read_dictionary=texts)
            more = [CONFLICT_COLUMN] if CONFLICT_COLUMN in source.schema_arrow.names else []
            table = source.read_row_group(piece.group, columns=[*names, *more], use_threads=False)
        kinds = {**dict.fromkeys(texts, DICTIONARY_TYPE), "_row": pa.int64(), CONFLICT_COLUMN: pa.bool_()}
        return table.select([*names, *more]).cast(pa.schema([(name, kinds[name]) for name in [*names, *more]]))

    def _opened(self, path: str) -> Any:
        return open(path, "rb") if "://" not in path else self.lake.fs.open(path, "rb")
