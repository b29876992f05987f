"""Parquet files of text columns (the raw zone, or rows that were reshaped) as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.blocks import arrays
from pipelines.blocks.block import DICTIONARY, PROVENANCE, Block, Column
from pipelines.blocks.gathered import gathered
from pipelines.blocks.spent import Spent
from pipelines.lake import Lake

CONFLICT = "_conflict"


@dataclass(frozen=True, slots=True)
class Slice:
    """A row group of one file."""

    path: str
    group: int
    rows: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Files of the same columns, of at most about ``size`` rows a block; small ones share a block."""

    files: Sequence[str]
    fields: Sequence[str]
    lake: Lake
    size: int
    spent: Spent = field(default_factory=Spent)

    def slices(self) -> Iterator[list[Slice]]:
        """What makes a block, in order."""
        pieces = (piece for path in self.files for piece in self._groups(path))
        return gathered(pieces, lambda piece: piece.rows, self.size)

    def load(self, slices: list[Slice]) -> Block:
        """The block of ``slices``."""
        with self.spent.on("read"):
            return self._block(slices)

    def _block(self, slices: list[Slice]) -> Block:
        table = pa.concat_tables([self._table(piece) for piece in slices]).unify_dictionaries()
        columns = {
            name: Column.of(arrays.one(table[name])) for name in table.column_names if name not in ("_row", CONFLICT)
        }
        numbers = np.concatenate([arrays.numbers(chunk) for chunk in table["_row"].chunks])
        conflict = (
            np.asarray(pl.Series(table[CONFLICT]).fill_null(value=False)) if CONFLICT in table.column_names else None
        )
        return Block(columns, table.num_rows, lambda: numbers, conflict)

    def _groups(self, path: str) -> Iterator[Slice]:
        with self._opened(path) as file:
            found = pq.ParquetFile(file).metadata
            for number in range(found.num_row_groups):
                if rows := found.row_group(number).num_rows:
                    yield Slice(path, number, rows)

    def _table(self, piece: Slice) -> pa.Table:
        names = [*self.fields, *PROVENANCE]
        with self._opened(piece.path) as file:
            texts = [name for name in names if name != "_row"]
            source = pq.ParquetFile(file, read_dictionary=texts)
            more = [CONFLICT] if CONFLICT in source.schema_arrow.names else []
            table = source.read_row_group(piece.group, columns=[*names, *more], use_threads=False)
        kinds = {**dict.fromkeys(texts, DICTIONARY), "_row": pa.int64(), CONFLICT: pa.bool_()}
        return table.select([*names, *more]).cast(pa.schema([(name, kinds[name]) for name in [*names, *more]]))

    def _opened(self, path: str) -> Any:
        return open(path, "rb") if "://" not in path else self.lake.fs.open(path, "rb")
