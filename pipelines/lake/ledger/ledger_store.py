"""The ledger's Delta tables: added rows are buffered in memory, written by a flush, and visible to reads at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any, Final

import polars as pl

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.durable_files import sync_files, sync_trees
from citylake.pipelines.lake.lake_clock import LakeClock
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import (
    alerts_table,
    batches_table,
    categories_table,
    checks_table,
    duplicates_table,
    files_table,
    meanings_table,
    publications_table,
    receipts_table,
    removals_table,
    snapshots_table,
    states_table,
)
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE, append_ledger_rows
from citylake.pipelines.lake.ledger.ledger_order import in_written_order, newest_table_number
from citylake.pipelines.lake.ledger.ledger_upgrade import scan_ledger_files, upgrade_ledger_table
from citylake.schemas.words.contained_faults import escape_half_characters

LEDGER_TABLES: Mapping[str, ModuleType] = {
    module.TABLE: module
    for module in (
        receipts_table,
        batches_table,
        checks_table,
        publications_table,
        duplicates_table,
        snapshots_table,
        states_table,
        categories_table,
        alerts_table,
        removals_table,
        meanings_table,
        files_table,
    )
}
_RELAXED: Final = "vertical_relaxed"
_BUFFERED: Final = 1 << 62
"""Added to the places of buffered rows: they come after every stored row, and get their number when they are stored."""


class LedgerStore:
    """Buffered and stored rows by table."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._clock = LakeClock(lake)
        self._added = 0
        self._newest: dict[str, int] = {}
        """The greatest stored number by table, once known. The clock alone may be behind it after a power cut."""
        self._buffered: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        """Rows by table and dataset; rows without a dataset are under an empty name."""
        self._stored: dict[tuple[str, ...], pl.DataFrame] = {}
        self._parts: dict[tuple[str, ...], dict[str, pl.DataFrame]] = {}

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Buffer rows until the next flush."""
        buffered = self._buffered.setdefault(table, {})
        for row in rows:
            self._added += 1
            placed = {**row, SEQUENCE: _BUFFERED + self._added}
            buffered.setdefault(str(row.get("dataset", "")), []).append(placed)

    def flush(self) -> bool:
        """Write the buffered rows, at most one file per table; return whether there were any."""
        for table in list(self._buffered):
            if not self._all_buffered(table):
                del self._buffered[table]
        if not self._buffered:
            return False
        self._sync_files_of_receipts()
        number = self._clock.reserve(sum(len(self._all_buffered(table)) for table in self._buffered), self._greatest())
        for table in list(self._buffered):
            data = _numbered_rows(table, self._all_buffered(table), number)
            number += data.height
            upgrade_ledger_table(self.lake, table, _table_schema(table))
            append_ledger_rows(self.lake, self.lake.ledger(table), data)
            self._newest[table] = number - 1
            del self._buffered[table]
        self._stored.clear()
        self._parts.clear()
        return True

    def _greatest(self) -> int:
        """The greatest number of the stored rows of the tables that are written next."""
        for table in self._buffered.keys() - self._newest.keys():
            self._newest[table] = newest_table_number(self.lake, table, _table_schema(table))
        return max(self._newest[table] for table in self._buffered)

    def _sync_files_of_receipts(self) -> None:
        """Make the files durable that the buffered rows tell of: landed bytes, and the text of recorded batches."""
        landed = [path for row in self._all_buffered(receipts_table.TABLE) for path in row["landing"] or ()]
        sync_files(self.lake, landed)
        batches = self._all_buffered(batches_table.TABLE)
        sync_trees(self.lake, (self.lake.raw(row["dataset"], name) for row in batches for name in row["receipts"]))

    def has_buffered(self, dataset: str) -> bool:
        """Return whether rows of the dataset are buffered."""
        return any(dataset in buffered for buffered in self._buffered.values())

    def dataset_rows(self, table: str, dataset: str, names: Sequence[str]) -> pl.DataFrame:
        """Return columns of one dataset's rows in written order; stored rows are cached until a flush.

        A run calls this for every dataset: the cache avoids opening the table once per dataset.
        """
        key = (table, *names)
        if key not in self._parts:
            parts = self.stored_rows(table, names).partition_by("dataset", as_dict=True, maintain_order=True)
            self._parts[key] = {str(name): part for (name,), part in parts.items()}
        stored, buffered = self._parts[key].get(dataset), self._buffered.get(table, {}).get(dataset, [])
        if not buffered:
            return _empty_frame(table, tuple(names)) if stored is None else stored
        found = [stored] if stored is not None else []
        return in_written_order(pl.concat([*found, _typed_frame(table, buffered).select(names)], how=_RELAXED))

    def stored_rows(self, table: str, names: Sequence[str]) -> pl.DataFrame:
        """Return columns of the stored rows in written order, cached until a flush."""
        key = (table, *names)
        if key not in self._stored:
            found = [frame.select(names).collect(engine="streaming") for frame in self._frames(table)]
            self._stored[key] = in_written_order(found[0]) if found else _empty_frame(table, tuple(names))
        return self._stored[key]

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return the table's rows, buffered ones included, in written order."""
        every = self.scan(table)
        chosen = every if where is None else every.filter(where)
        return in_written_order(chosen.collect(engine="streaming"))

    def scan(self, table: str) -> pl.LazyFrame:
        """Return the same rows as a lazy frame, in no order."""
        return pl.concat([*self._frames(table), _typed_frame(table, self._all_buffered(table)).lazy()], how=_RELAXED)

    def _frames(self, table: str) -> list[pl.LazyFrame]:
        """Return the stored rows: no frame or one."""
        found = open_delta_if_exists(self.lake, self.lake.ledger(table))
        rows = None if found is None else scan_ledger_files(self.lake, table, _table_schema(table), found)
        return [] if rows is None else [rows]

    def _all_buffered(self, table: str) -> list[Mapping[str, Any]]:
        return [row for rows in self._buffered.get(table, {}).values() for row in rows]


def _numbered_rows(table: str, rows: Sequence[Mapping[str, Any]], first: int) -> pl.DataFrame:
    """The buffered rows in the order in which they were added, numbered from ``first``."""
    ordered = _typed_frame(table, rows).sort(SEQUENCE)
    return ordered.with_columns(pl.int_range(first, first + ordered.height, dtype=pl.Int64).alias(SEQUENCE))


def _typed_frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    try:
        return pl.DataFrame(rows, schema=_table_schema(table), orient="row")
    except UnicodeEncodeError:
        # One text with half a character must not keep the rows of every other dataset out of the ledger.
        whole = [{name: _without_half_characters(value) for name, value in row.items()} for row in rows]
        return pl.DataFrame(whole, schema=_table_schema(table), orient="row")


def _without_half_characters(value: Any) -> Any:
    if isinstance(value, str):
        return escape_half_characters(value)
    return [_without_half_characters(item) for item in value] if isinstance(value, list) else value


@cache
def _empty_frame(table: str, names: tuple[str, ...]) -> pl.DataFrame:
    return _typed_frame(table, []).select(names)


@cache
def _table_schema(table: str) -> pl.Schema:
    schema: pl.Schema = LEDGER_TABLES[table].SCHEMA
    return schema


def ledger_now() -> datetime:
    """Return the time to record in a row."""
    return datetime.now(UTC)
