"""Parquet files of text columns (the raw zone, or reshaped rows) as blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.blocks import arrow_arrays
from citylake.pipelines.blocks.block import DICTIONARY_TYPE, PROVENANCE_COLUMNS, Block, EncodedColumn
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.timings import WorkTimings
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.sealed_file import is_sealed_file, plain_copies
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.words.errors import Problem

FAULT_COLUMN = "_fault"
"""What reshaping found wrong with a row (int8): 0 is nothing."""


@dataclass(frozen=True, slots=True)
class RowGroupPart:
    """One row group of one file, as a part of a block."""

    owner: ParquetBlocks
    path: str
    group: int
    rows: int

    @property
    def share(self) -> float:
        """The row group's size as a fraction of a block."""
        return self.rows / self.owner.size

    @property
    def alike(self) -> tuple[str, ...]:
        """Row groups of the same columns share a block."""
        return tuple(self.owner.fields)

    def load(self, parts: Sequence[RowGroupPart]) -> Block:
        """The block of ``parts``."""
        with self.owner.spent.on("read"):
            return _concat_row_groups(parts)

    def read(self) -> pa.Table:
        """Source columns and provenance as dictionaries of text, ``_row`` as int64."""
        names = [*self.owner.fields, *PROVENANCE_COLUMNS]
        with self.owner.open(self.path) as file:
            texts = [name for name in names if name != "_row"]
            source = pq.ParquetFile(file, read_dictionary=texts)
            more = [FAULT_COLUMN] if FAULT_COLUMN in source.schema_arrow.names else []
            table = source.read_row_group(self.group, columns=[*names, *more], use_threads=False)
        kinds = {**dict.fromkeys(texts, DICTIONARY_TYPE), "_row": pa.int64(), FAULT_COLUMN: pa.int8()}
        return table.select([*names, *more]).cast(pa.schema([(name, kinds[name]) for name in [*names, *more]]))


@dataclass(frozen=True, slots=True)
class ParquetBlocks:
    """Files with the columns ``fields``; ``size`` is the number of rows of a block."""

    files: Sequence[str]
    fields: Sequence[str]
    lake: Lake
    size: int
    spent: WorkTimings = field(default_factory=WorkTimings)

    def parts(self) -> Iterator[RowGroupPart]:
        """The row groups that have rows, in order."""
        for path in self.files:
            with self.open(path) as file:
                found = pq.ParquetFile(file).metadata
                rows = [found.row_group(number).num_rows for number in range(found.num_row_groups)]
            yield from (RowGroupPart(self, path, number, count) for number, count in enumerate(rows) if count)

    def open(self, path: str) -> Any:
        """The file, opened for reading bytes."""
        return open(path, "rb") if "://" not in path else self.lake.fs.open(path, "rb")


@dataclass(frozen=True, slots=True, eq=False)
class StoredRows:
    """The rows of a receipt in the raw zone, or of one that cannot be read (:class:`SourceRows`)."""

    parsed: ParsedReceipt
    lake: Lake
    budget: Budget
    scratch: Callable[[], Path] | None = None
    """A private folder that outlives the rows, for what sealed files hold."""

    @property
    def receipt(self) -> Receipt:
        """The receipt whose rows these are."""
        return self.parsed.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's fields, in order."""
        return self.parsed.columns

    @property
    def problem(self) -> Problem | None:
        """Why the receipt cannot be read."""
        return self.parsed.problem

    @property
    def refused(self) -> RefusedRecords:
        """The records that were refused one by one."""
        return self.parsed.refused

    def estimate_rows(self) -> int:
        """The exact number of rows."""
        return self.parsed.rows

    def blocks(self) -> Iterator[RowGroupPart]:
        """All rows in order."""
        budget = self.budget
        rows = budget.block_rows_of(len(self.columns))
        return ParquetBlocks(self._plain_files(), self.columns, self.lake, rows, budget.spent).parts()

    def text_files(self, folder: Path) -> tuple[str, ...]:
        """The files of the raw zone; in place of sealed ones, what they hold."""
        return self._plain_files()

    def _plain_files(self) -> tuple[str, ...]:
        if not any(map(is_sealed_file, self.parsed.files)):
            return self.parsed.files
        assert self.scratch is not None
        return plain_copies(self.lake, self.parsed.files, self.scratch() / self.receipt.id)

    def restart(self) -> None:
        """Nothing to do: the rows are in the raw zone."""

    def store(self) -> ParsedReceipt:
        """The receipt as it is in the raw zone."""
        return self.parsed


def _concat_row_groups(parts: Sequence[RowGroupPart]) -> Block:
    table = pa.concat_tables([part.read() for part in parts]).unify_dictionaries()
    columns = {
        name: EncodedColumn.of(arrow_arrays.single_array(table[name]))
        for name in table.column_names
        if name not in ("_row", FAULT_COLUMN)
    }
    numbers = np.concatenate([arrow_arrays.arrow_to_numpy(chunk) for chunk in table["_row"].chunks])
    fault = np.asarray(pl.Series(table[FAULT_COLUMN])) if FAULT_COLUMN in table.column_names else None
    return Block(columns, table.num_rows, lambda: numbers, fault)
