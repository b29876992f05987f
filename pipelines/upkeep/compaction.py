"""Compaction: rewrites small files of a table into few large ones with the same rows.

Does not use Delta's OPTIMIZE, because it truncates timestamp bounds to milliseconds. The newest row of a file can then
be above the file's upper bound, and an upsert would not find its key.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange, rewrite_table_files
from citylake.pipelines.commit.table_files import (
    TableFile,
    list_active_files,
    parse_active_files,
    read_footers,
    scan_table_file,
)
from citylake.pipelines.commit.table_schema import table_file_columns
from citylake.pipelines.commit.upsert_merge import staged_partitions
from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from deltalake import DeltaTable

TARGET_BYTES = 128_000_000
SMALL_BYTES = TARGET_BYTES // 2
"""Files below this size are compacted. Two such files always fit into one."""
TARGET_ROWS = 8_000_000
FileBin = tuple[TableFile, ...]
BINS_AT_ONCE = 64
"""Number of files written per commit."""
SORTED_ROWS, SORTED_BYTES = 500_000, 16_000_000
"""Limits for sorting in memory. A larger group of files keeps the order of its rows."""


def compact_table(
    lake: Lake, table: LakeTable, order: Sequence[str] = (), *, dry_run: bool = False
) -> list[UpkeepResult]:
    """Compact the small files of ``table``, at most ``BINS_AT_ONCE`` new files per commit.

    A new file is sorted by ``order`` if it is within ``SORTED_ROWS`` and ``SORTED_BYTES``. If another process removes a
    file in the meantime, the file written from it is deleted. Raises COMMIT_CONFLICT, and ROWS_NOT_KEPT if the number
    of rows differs.
    """
    root = table.root(lake)
    held = open_delta(lake, root)
    files = parse_active_files(list_active_files(held))
    chosen = list(_plan_bins(files))
    if not chosen:
        return []
    if dry_run:
        made = [TableFile("", _count_bytes(each), _count_rows(each), {}) for each in chosen]
        return [_compaction_result(table, len(files), list(zip(chosen, made, strict=True)))]
    rewrite = _Rewrite(lake, root, table_file_columns(held, held.metadata().partition_columns), order)
    starts = range(0, len(chosen), BINS_AT_ONCE)
    kept = [pair for start in starts for pair in rewrite.replace(chosen[start : start + BINS_AT_ONCE])]
    return [_compaction_result(table, len(files), kept)]


@dataclass(slots=True)
class _Rewrite:
    lake: Lake
    root: str
    schema: pl.Schema
    order: Sequence[str]
    pairs: list[tuple[FileBin, TableFile]] = field(default_factory=list)
    """Files, and the new file that replaces them, before the commit."""

    def replace(self, chosen: Sequence[FileBin]) -> list[tuple[FileBin, TableFile]]:
        """Write a file for each bin and commit them. Return the pairs that were committed."""
        self.pairs = []
        try:
            for each in chosen:
                self.pairs.append((each, self._written(each)))
        except BaseException:
            self._drop(self.pairs)
            raise
        try:
            rewrite_table_files(self.lake, self._open, self._plan)
        except CitylakeError:
            self._settle(self._open(), still=())
            raise
        return self.pairs

    def _open(self) -> DeltaTable:
        return open_delta(self.lake, self.root)

    def _plan(self, table: DeltaTable) -> TableChange:
        """Return the change for files that are still active. Files changed by another process are left to it."""
        active = frozenset(list_active_files(table)["path"])
        self._settle(table, still=active)
        waiting = [pair for pair in self.pairs if pair[1].path not in active]
        return TableChange([file for _, file in waiting], [file for each, _ in waiting for file in each])

    def _settle(self, table: DeltaTable, still: Collection[str]) -> None:
        """Delete the new files whose sources are not all in ``still``, unless the log already contains them.

        It can: a store can accept a commit whose response is lost, and then reject the retry.
        """
        named = set(list_active_files(table)["path"])
        made = [pair for pair in self.pairs if pair[1].path in named or all(file.path in still for file in pair[0])]
        self._drop([pair for pair in self.pairs if pair not in made])
        self.pairs = made

    def _drop(self, pairs: Sequence[tuple[FileBin, TableFile]]) -> None:
        for _, file in pairs:
            self.lake.remove(f"{self.root}/{file.path}")

    def _written(self, files: FileBin) -> TableFile:
        folder = files[0].path.rpartition("/")[0]
        name = f"compacted-{uuid.uuid4().hex}.parquet"
        path = f"{folder}/{name}" if folder else name
        whole = f"{self.root}/{path}"
        self._ordered(files).sink_parquet(whole, storage_options=self.lake.storage_options)
        file = read_footers(self.lake, self.root, [whole])[0]
        if file.rows != _count_rows(files):
            self.lake.remove(whole)
            raise CitylakeError("ROWS_NOT_KEPT", table=self.root, before=_count_rows(files), after=file.rows)
        return file

    def _ordered(self, files: FileBin) -> pl.LazyFrame:
        rows = pl.concat([scan_table_file(self.lake, self.root, file.path, self.schema) for file in files])
        rows = rows.select(self.schema.names())
        known = [name for name in self.order if name in self.schema]
        cheap = _count_rows(files) <= SORTED_ROWS and _count_bytes(files) <= SORTED_BYTES
        return rows.sort(known, maintain_order=True) if known and cheap else rows


def _plan_bins(files: Sequence[TableFile]) -> Iterator[FileBin]:
    """Yield groups of at least two files of one partition that become one file, in the order of the table.

    First-fit decreasing: at most one small file per partition is left over, so a second run finds nothing to do.
    """
    order = {file.path: place for place, file in enumerate(files)}
    for _, group in staged_partitions(files):
        small = [file for file in group if file.rows is not None and file.size_bytes < SMALL_BYTES]
        for made in _pack_files(sorted(small, key=lambda file: (-file.size_bytes, file.path))):
            if len(made) > 1:
                yield tuple(sorted(made, key=lambda file: order[file.path]))


def _pack_files(files: Sequence[TableFile]) -> list[list[TableFile]]:
    found: list[list[TableFile]] = []
    for file in files:
        room = next((each for each in found if _fits_bin(each, file)), None)
        if room is None:
            found.append([file])
        else:
            room.append(file)
    return found


def _fits_bin(made: Sequence[TableFile], file: TableFile) -> bool:
    size_bytes = sum(each.size_bytes for each in made) + file.size_bytes
    return size_bytes <= TARGET_BYTES and sum(each.rows for each in made) + file.rows <= TARGET_ROWS


def _count_rows(files: FileBin) -> int:
    return sum(file.rows for file in files)


def _count_bytes(files: FileBin) -> int:
    return sum(file.size_bytes for file in files)


def _compaction_result(table: LakeTable, files: int, pairs: Sequence[tuple[FileBin, TableFile]]) -> UpkeepResult:
    less = sum(len(each) for each, _ in pairs) - len(pairs)
    before = sum(_count_bytes(each) for each, _ in pairs)
    after, rows = sum(file.size_bytes for _, file in pairs), sum(file.rows for _, file in pairs)
    return UpkeepResult("compact", table.place, files, files - less, before, after, rows)
