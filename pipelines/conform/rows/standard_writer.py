"""Good rows to the standard table's folder: one open file per partition, a row group when enough rows wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.blocks.arrow_arrays import arrow_table, numpy_to_arrow, string_array
from citylake.pipelines.blocks.block import DICTIONARY_TYPE, EncodedColumn
from citylake.pipelines.conform.drift.category_collector import CategoryCollector
from citylake.pipelines.conform.rows.evaluate_block import EvaluatedBlock
from citylake.pipelines.conform.rows.typed_column import TypedColumn
from citylake.pipelines.lake.lake_zones import HIVE_NULL, Lake
from citylake.schemas.read.contract_columns import REFUSED_COLUMN

GROUP_ROWS = 100_000
"""Rows at which a partition's waiting rows become a row group."""
FILE_ROWS = 8_000_000
"""Rows at which a file is closed and the next one begins."""
OPEN_FILES = 400
_NO_WARNING = TypedColumn(string_array([None]), np.zeros(1, np.int32))
_NEVER_NULL = frozenset({"_batch", "_receipt", "_row", "_source"})
_BOUNDED = ("_batch", "_receipt", "_source")
"""Text columns with statistics: commits filter by them, and they have few values."""


@dataclass(frozen=True, slots=True)
class StageTarget:
    """Where a batch is staged: the standard table's folder, and the names of its files.

    ``stem`` contains the batch and the run: a run that repeats a batch after a crash must not overwrite files that the
    log may already name. ``columns`` are the contract's, ``partition`` is ``_day``, ``_month``, ``_year`` or None;
    ``categories`` are the columns whose values are collected, as returned by :func:`category_columns`.
    """

    lake: Lake
    folder: str
    batch: str
    stem: str
    columns: tuple[str, ...]
    partition: str | None
    categories: Mapping[str, bool] = field(default_factory=dict)
    refuses_values: bool = False
    """Whether the rows have ``_refused``."""
    required: frozenset[str] = frozenset()
    """Columns that a row without a text is refused for."""

    def table(self, judged: EvaluatedBlock, rows: np.ndarray) -> pa.Table:
        """The chosen rows of a block as the standard table's columns."""
        named = {name: judged.columns[name].array(rows) for name in self.columns}
        block = judged.block
        named["_batch"] = EncodedColumn.constant(self.batch, len(rows)).coded()
        named["_receipt"] = block.columns["_receipt"].coded(rows)
        named["_row"] = numpy_to_arrow(block.row[rows])
        named["_source"] = block.columns["_source"].coded(rows)
        named["_warnings"] = _NO_WARNING.array(np.zeros(len(rows), np.int32))
        if judged.warnings is not None:
            named["_warnings"] = TypedColumn(judged.warnings.to_arrow().cast(pa.string()), rows).array()
        if self.refuses_values:
            named[REFUSED_COLUMN] = _NO_WARNING.array(np.zeros(len(rows), np.int32))
            if judged.refused is not None:
                named[REFUSED_COLUMN] = TypedColumn(judged.refused.to_arrow().cast(pa.string()), rows).array()
        return arrow_table(named)

    def days(self, judged: EvaluatedBlock, rows: np.ndarray) -> set[date]:
        """The days of the chosen rows; empty if the table has no partition."""
        if self.partition is None:
            return set()
        day = judged.columns["_date"].distinct()
        found = np.flatnonzero(np.bincount(day.at[rows], minlength=len(day.values)))
        return {value for value in day.values.take(numpy_to_arrow(found)).to_pylist() if value is not None}

    def parts(self, judged: EvaluatedBlock, rows: np.ndarray) -> Iterator[tuple[str | None, np.ndarray]]:
        """The partition values among the chosen rows, each with its rows."""
        if self.partition is None:
            yield None, rows
            return
        value = judged.columns[self.partition].distinct()
        at = value.at[rows]
        names = [HIVE_NULL if one is None else str(one) for one in value.values.to_pylist()]
        present = np.flatnonzero(np.bincount(at, minlength=len(names)))
        for place in present:
            yield names[place], rows if len(present) == 1 else rows[at == place]


@dataclass(frozen=True, slots=True)
class WrittenRowGroup:
    """A written row group, and the offset of its key hashes among the worker's."""

    path: str
    number: int
    first: int
    rows: int


@dataclass(slots=True)
class _PartitionFile:
    """A partition's open file, and the rows that wait for it."""

    waiting: list[pa.Table] = field(default_factory=list)
    keys: list[np.ndarray] = field(default_factory=list)
    rows: int = 0
    number: int = 0
    groups: int = 0
    writer: Any = None
    sink: Any = None
    written: int = 0


@dataclass(slots=True)
class StandardWriter:
    """The files of one worker. ``most`` is the total number of rows that may wait."""

    to: StageTarget
    name: str
    most: int
    remembered: str
    """The scratch file for the hashes of keys (uint64), in the order of ``groups``."""
    groups: list[WrittenRowGroup] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    had: CategoryCollector = field(init=False)
    _keys: int = 0
    _parts: dict[str | None, _PartitionFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.had = CategoryCollector(self.to.categories)

    def add(self, judged: EvaluatedBlock, rows: np.ndarray, keys: np.ndarray | None = None) -> None:
        """Add the chosen rows of a block; ``keys``: the hash of every row's key, if rows must be found again."""
        self.days |= self.to.days(judged, rows)
        self.had.add(judged.columns, rows)
        for value, chosen in self.to.parts(judged, rows):
            part = self._parts.setdefault(value, _PartitionFile())
            part.waiting.append(self.to.table(judged, chosen))
            part.rows += len(chosen)
            if keys is not None:
                part.keys.append(keys[chosen])
            if part.rows >= GROUP_ROWS:
                self._flush(value, part)
        while sum(part.rows for part in self._parts.values()) > self.most:
            self._flush(*max(self._parts.items(), key=lambda item: item[1].rows))

    def close(self) -> list[str]:
        """Write the waiting rows and close every file; returns the paths."""
        for value, part in self._parts.items():
            if part.rows:
                self._flush(value, part)
            self._end(part)
        self._parts = {}
        return self.files

    def discard(self) -> None:
        """Delete everything that was written."""
        for part in self._parts.values():
            with suppress(Exception):
                self._end(part)
        for path in self.files:
            with suppress(FileNotFoundError):
                self.to.lake.remove(path)

    def _flush(self, value: str | None, part: _PartitionFile) -> None:
        whole = part.waiting[0] if len(part.waiting) == 1 else _concat_tables(part.waiting)
        whole = _mark_required(whole, self.to.required | _NEVER_NULL)
        if part.writer is not None and not part.writer.schema.equals(whole.schema):
            self._end(part)
        if part.writer is None:
            self._open(value, part, whole.schema)
        part.writer.write_table(whole, row_group_size=len(whole))
        part.written += len(whole)
        if part.keys:
            self.groups.append(
                WrittenRowGroup(self.files[part.number], part.groups, self._remember(part.keys), part.rows)
            )
        part.groups += 1
        part.waiting, part.keys, part.rows = [], [], 0
        if part.written >= FILE_ROWS:
            self._end(part)

    def _remember(self, keys: Sequence[np.ndarray]) -> int:
        first = self._keys
        with open(self.remembered, "ab") as file:
            for some in keys:
                some.tofile(file)
                self._keys += len(some)
        return first

    def _open(self, value: str | None, part: _PartitionFile, schema: pa.Schema) -> None:
        opened = [other for other in self._parts.values() if other.writer is not None]
        if len(opened) >= OPEN_FILES:
            self._end(opened[0])
        folder = self.to.folder if value is None else f"{self.to.folder}/{self.to.partition}={value}"
        self.to.lake.makedirs(folder)
        path = f"{folder}/{self.to.stem}-{self.name}{len(self.files)}.parquet"
        part.number, part.groups = len(self.files), 0
        self.files.append(path)
        part.sink = self.to.lake.fs.open(path, "wb")
        bounded = [entry.name for entry in schema if entry.type != DICTIONARY_TYPE or entry.name in _BOUNDED]
        part.writer = pq.ParquetWriter(
            part.sink,
            schema,
            compression="zstd",
            write_statistics=bounded,
            store_schema=False,
            use_dictionary=[name for name in schema.names if name != "_row"],
            column_encoding={"_row": "DELTA_BINARY_PACKED"},
            write_batch_size=1 << 16,
        )

    def _end(self, part: _PartitionFile) -> None:
        if part.writer is not None:
            part.writer.close()
            part.sink.close()
            part.writer, part.written = None, 0


def _concat_tables(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _mark_required(rows: pa.Table, columns: Collection[str]) -> pa.Table:
    """The table with the chosen columns as required: their definition levels need not be written.

    Not if a value is null after all, as in a required column that refuses the value instead of the row.
    """
    marked = [
        entry.with_nullable(entry.name not in columns or column.null_count > 0)
        for entry, column in zip(rows.schema, rows.columns, strict=True)
    ]
    return pa.Table.from_arrays(rows.columns, schema=pa.schema(marked))
