"""One table of the ledger in one process: opened once, and of what is added later only the new files are read."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import DATASET, SEQUENCE, LedgerFile, commit_ledger_file
from citylake.pipelines.lake.ledger.ledger_compaction import compact_on_the_way
from citylake.pipelines.lake.ledger.ledger_order import in_written_order, newest_stored_number
from citylake.pipelines.lake.ledger.ledger_upgrade import (
    has_older_columns,
    scan_ledger_files,
    upgrade_ledger_table,
)

if TYPE_CHECKING:
    from deltalake import DeltaTable

_RECENT_S = 600.0
"""The age of an opened table, in seconds, up to which only what is new in its log is read for a scan."""
_LEAST, _MOST = f"min.{DATASET}", f"max.{DATASET}"
_LAST = f"max.{SEQUENCE}"
Parts = dict[str, pl.DataFrame]
"""Rows by dataset, in written order."""


_Question = tuple[tuple[str, ...], frozenset[str] | None]
"""Columns, and the datasets whose rows are read; None: all."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of some columns, and from which files."""

    files: frozenset[str]
    parts: Parts


@dataclass(slots=True)
class LedgerTable:
    """The stored rows of one table. What :meth:`parts` has answered stays the answer until :meth:`expire`."""

    lake: Lake
    name: str
    schema: pl.Schema
    scope: frozenset[str] | None = None
    """The datasets that :meth:`parts` reads; None: all."""
    _held: DeltaTable | None = None
    _opened_s: float = -math.inf
    _current: bool = False
    _newest: int | None = None
    """The greatest stored number, once known. The clock alone may be behind it after a power cut."""
    _judged: int = -1
    """The version in which the files were counted last."""
    _readings: dict[_Question, _Reading] = field(default_factory=dict)
    _valid: set[_Question] = field(default_factory=set)
    """The readings that no flush has made old."""
    written: set[str] = field(default_factory=set)
    """The names of the files that this process has written to the log."""

    def expire(self) -> None:
        """Look for the commits of other processes at the next question."""
        self._current = False
        self._valid.clear()

    def newest_number(self) -> int:
        """Return the greatest number of the stored rows; 0 if there are none."""
        if self._newest is None:
            found = self._open()
            self._newest = 0 if found is None else newest_stored_number(self.lake, self.name, self.schema, found)
        return self._newest

    def append(self, file: LedgerFile, rows: pl.DataFrame) -> None:
        """Commit the file that was written from numbered ``rows``. Raises COMMIT_CONFLICT."""
        self.expire()
        found = self._open()
        if found is not None and has_older_columns(self.name, found):
            upgrade_ledger_table(self.lake, self.name, self.schema)
            found.update_incremental()
        root = self.lake.ledger(self.name)
        done = commit_ledger_file(self.lake, root, self.schema, file, found)
        self._held = done.table
        self.written |= done.log_files
        self.expire()
        self._newest = max(rows[SEQUENCE].to_list())
        for (names, scope), known in self._readings.items():
            mine = self._with_own(known, f"{root}/{file.add.path}", rows.select(names), scope)
            self._readings[names, scope] = mine

    @staticmethod
    def _with_own(known: _Reading, path: str, rows: pl.DataFrame, scope: frozenset[str] | None) -> _Reading:
        """The reading with what this process has written itself, and need not read."""
        fresh = _split(rows, scope)
        if scope is not None and not fresh:
            return known
        return _Reading(known.files | {path}, _merged(known.parts, fresh))

    def compact(self) -> None:
        """Combine the small files if they are too many, as far as this process knows the table."""
        if self._held is None or self._held.version() == self._judged:
            return
        before = self._held.version()
        if compact_on_the_way(self.lake, self.name, self.schema, self._held):
            self.expire()
            last = self._held.version()
            self.written |= {f"{version:020}.json" for version in range(before + 1, last + 1)}
            self.written.add(f"{last:020}.checkpoint.parquet")
        self._judged = self._held.version()

    def scan(self) -> pl.LazyFrame | None:
        """Return the rows of the newest version as a lazy frame, in no order; None if there are none.

        The table is opened anew if it was not just now, or if answers of :meth:`parts` depend on its version: a server
        asks again after weeks, in which its log may have been cut or restored.
        """
        recent = not self._current and time.monotonic() - self._opened_s < _RECENT_S
        found = self._open() if recent else open_delta_if_exists(self.lake, self.lake.ledger(self.name))
        return None if found is None else scan_ledger_files(self.lake, self.name, self.schema, found.file_uris())

    def newest_rows(self) -> pl.DataFrame:
        """Return the rows of the file with the greatest numbers; none if the log states no numbers."""
        found = self._open()
        files = pl.DataFrame() if found is None else pl.DataFrame(found.get_add_actions(flatten=True))
        stated = files.filter(pl.col(_LAST).is_not_null()) if _LAST in files.columns else pl.DataFrame()
        if stated.is_empty():
            return pl.DataFrame(schema=self.schema)
        path = stated.sort(_LAST)["path"][-1]
        rows = scan_ledger_files(self.lake, self.name, self.schema, [f"{self.lake.ledger(self.name)}/{path}"])
        assert rows is not None
        return rows.collect(engine="streaming")

    def parts(self, names: Sequence[str], among: frozenset[str] | None = None) -> Parts:
        """Return columns of the rows by dataset. The part of a dataset without new rows stays the same object.

        ``among``: read the rows of these datasets alone.
        """
        key = (tuple(names), self.scope if among is None else among)
        if key not in self._valid:
            found = self._open()
            files = [] if found is None else self._needed_files(found, key[1])
            self._readings[key] = self._read(key, files, self._readings.get(key))
            self._valid.add(key)
        return self._readings[key].parts

    def set_scope(self, scope: frozenset[str] | None) -> None:
        """Read the datasets of ``scope`` from now on."""
        self.scope = scope
        self._readings.clear()
        self._valid.clear()

    def _needed_files(self, found: DeltaTable, scope: frozenset[str] | None) -> list[str]:
        """The files that may have rows of the scope, by the bounds that the log states."""
        if scope is None:
            return found.file_uris()
        if not scope:
            return []
        files = pl.DataFrame(found.get_add_actions(flatten=True))
        if not {_LEAST, _MOST} <= set(files.columns):
            return found.file_uris()
        near = (pl.col(_LEAST) <= max(scope)) & (pl.col(_MOST) >= min(scope))
        root = self.lake.ledger(self.name)
        return [f"{root}/{path}" for path in files.filter(near.fill_null(value=True))["path"]]

    def _read(self, asked: _Question, files: Sequence[str], known: _Reading | None) -> _Reading:
        now = frozenset(files)
        if known is None or not known.files <= now:
            return _Reading(now, self._parts_of(files, *asked))
        fresh = self._parts_of([file for file in files if file not in known.files], *asked)
        return _Reading(now, _merged(known.parts, fresh))

    def _parts_of(self, files: Sequence[str], names: tuple[str, ...], scope: frozenset[str] | None) -> Parts:
        rows = scan_ledger_files(self.lake, self.name, self.schema, files)
        if rows is None:
            return {}
        if scope is not None:
            rows = rows.filter(pl.col(DATASET).is_in(sorted(scope)))
        return _split(in_written_order(rows.select(names).collect(engine="streaming")), scope)

    def _open(self) -> DeltaTable | None:
        """Return the table, read up to its newest version unless it is current; None if it does not exist."""
        if self._held is None:
            self._held = open_delta_if_exists(self.lake, self.lake.ledger(self.name))
            self._opened_s = time.monotonic()
        elif not self._current:
            self._held.update_incremental()
        self._current = True
        return self._held


def _split(rows: pl.DataFrame, scope: frozenset[str] | None) -> Parts:
    parts = rows.partition_by(DATASET, as_dict=True, maintain_order=True)
    return {str(name): part for (name,), part in parts.items() if scope is None or name in scope}


def _merged(parts: Parts, fresh: Parts) -> Parts:
    found = dict(parts)
    for dataset, part in fresh.items():
        before = found.get(dataset)
        found[dataset] = part if before is None else in_written_order(pl.concat([before, part]))
    return found
