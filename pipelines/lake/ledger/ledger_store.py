"""The ledger's Delta tables: added rows are buffered in memory, written by a flush, and visible to reads at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any, Final

import polars as pl

from citylake.pipelines.lake.durable_files import sync_files, sync_trees
from citylake.pipelines.lake.lake_clock import LakeClock
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import (
    accesses_table,
    acts_table,
    alerts_table,
    batches_table,
    categories_table,
    checks_table,
    corrections_applied_table,
    corrections_table,
    declarations_table,
    deliveries_table,
    dispute_rows_table,
    disputes_table,
    duplicates_table,
    entity_decisions_table,
    files_table,
    forgotten_table,
    meanings_table,
    publications_table,
    receipts_table,
    removals_table,
    revisions_table,
    row_acts_table,
    sensor_findings_table,
    silo_figures_table,
    snapshots_table,
    states_table,
)
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE, LedgerFile, write_ledger_file
from citylake.pipelines.lake.ledger.ledger_order import in_written_order
from citylake.pipelines.lake.ledger.ledger_table import LedgerTable, Parts
from citylake.schemas.words.contained_faults import escape_half_characters

LEDGER_TABLES: Mapping[str, ModuleType] = {
    module.TABLE: module
    for module in (
        declarations_table,
        revisions_table,
        receipts_table,
        checks_table,
        sensor_findings_table,
        corrections_table,
        row_acts_table,
        acts_table,
        dispute_rows_table,
        disputes_table,
        entity_decisions_table,
        categories_table,
        corrections_applied_table,
        batches_table,
        states_table,
        meanings_table,
        publications_table,
        duplicates_table,
        snapshots_table,
        alerts_table,
        removals_table,
        files_table,
        silo_figures_table,
        accesses_table,
        forgotten_table,
        deliveries_table,
    )
}
"""By name, in the order in which a flush writes them.

A batch or a publication names a revision, and a revision names texts: both are stored before it.
No later run repeats a batch that is in ``batches``: its receipts and checks are stored before it. The states that
follow from it are stored after it: with them, its source would not deliver the rows again. An act is stored after the
corrections and rows that it consists of: an act on record is complete.
"""
_RELAXED: Final = "vertical_relaxed"
_BUFFERED: Final = 1 << 62
"""Added to the places of buffered rows: they come after every stored row, and get their number when they are stored."""


class LedgerStore:
    """Buffered and stored rows by table."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._clock = LakeClock(lake)
        self._added = 0
        self._buffered: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        """Rows by table and dataset; rows without a dataset are under an empty name."""
        self._tables: dict[str, LedgerTable] = {}
        """The tables that were written or read."""
        self._scope: frozenset[str] | None = None

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Buffer rows until the next flush."""
        buffered = self._buffered.setdefault(table, {})
        for row in rows:
            self._added += 1
            placed = {**row, SEQUENCE: _BUFFERED + self._added}
            buffered.setdefault(str(row.get("dataset", "")), []).append(placed)

    def flush(self, tables: Collection[str] = LEDGER_TABLES.keys()) -> bool:
        """Write the buffered rows of ``tables``, at most one file per table; return whether there were any."""
        chosen = [name for name in LEDGER_TABLES if name in tables and self._all_buffered(name)]
        if not chosen:
            return False
        self._sync_files_of_receipts(chosen)
        after = max(self._table(name).newest_number() for name in chosen)
        number = self._clock.reserve(sum(len(self._all_buffered(name)) for name in chosen), after)
        written: list[tuple[LedgerTable, LedgerFile, pl.DataFrame]] = []
        for name in chosen:
            data = _numbered_rows(name, self._all_buffered(name), number)
            number += data.height
            file = write_ledger_file(self.lake, self.lake.ledger(name), data, durable=False)
            written.append((self._table(name), file, data))
        # All in one go, before the first entry that names one of them.
        sync_files(self.lake, [f"{self.lake.ledger(table.name)}/{file.add.path}" for table, file, _ in written])
        for table, file, data in written:
            table.append(file, data)
            del self._buffered[table.name]
        for stored in self._tables.values():
            stored.expire()
            stored.compact()
        return True

    def append_frame(self, table: str, rows: pl.DataFrame) -> None:
        """Store many rows at once, without a buffer; ``rows`` has the table's columns but the sequence."""
        held = self._table(table)
        first = self._clock.reserve(rows.height, held.newest_number())
        numbered = rows.with_columns(pl.int_range(first, first + rows.height, dtype=pl.Int64).alias(SEQUENCE))
        data = numbered.select(_table_schema(table).names()).cast(_table_schema(table))
        held.append(write_ledger_file(self.lake, self.lake.ledger(table), data), data)
        held.compact()

    def _sync_files_of_receipts(self, tables: Collection[str]) -> None:
        """Make the files durable that the buffered rows tell of: landed bytes, and the text of recorded batches."""
        if receipts_table.TABLE in tables:
            receipts = self._all_buffered(receipts_table.TABLE)
            sync_files(self.lake, [path for row in receipts for path in row["landing"] or ()])
        if batches_table.TABLE in tables:
            batches = self._all_buffered(batches_table.TABLE)
            sync_trees(self.lake, (self.lake.raw(row["dataset"], name) for row in batches for name in row["receipts"]))

    def expire(self, tables: Collection[str]) -> None:
        """Look for what other processes have added to these tables at the next question about one dataset."""
        for name in tables:
            self._table(name).expire()

    def written_logs(self) -> dict[str, set[str]]:
        """Return the names of the files that this process has written to the log of each table."""
        return {name: table.written for name, table in self._tables.items() if table.written}

    def newest_rows(self, table: str) -> pl.DataFrame:
        """Return the stored rows of the file with the greatest numbers."""
        return self._table(table).newest_rows()

    def count_buffered(self, table: str) -> int:
        """Return the number of buffered rows of a table."""
        return len(self._all_buffered(table))

    def dataset_rows(
        self, table: str, dataset: str, names: Sequence[str], among: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """Return columns of one dataset's rows in written order; stored rows are cached until a flush.

        A run calls this for every dataset: one reading serves them all. ``among``: those which it is to serve.
        """
        if self._scope is not None and dataset not in self._scope:
            self.set_scope(None)
        stored = self.stored_parts(table, names, among).get(dataset)
        buffered = self._buffered.get(table, {}).get(dataset, [])
        if not buffered:
            return _empty_frame(table, tuple(names)) if stored is None else stored
        found = [stored] if stored is not None else []
        return in_written_order(pl.concat([*found, _typed_frame(table, buffered).select(names)], how=_RELAXED))

    def set_scope(self, datasets: Collection[str] | None) -> None:
        """Read only these datasets for questions about one; None: all of them. Others are answered as well."""
        self._scope = None if datasets is None else frozenset(datasets)
        for table in self._tables.values():
            table.set_scope(self._scope)

    def stored_parts(self, table: str, names: Sequence[str], among: frozenset[str] | None = None) -> Parts:
        """Return columns of the stored rows by dataset, each part in written order and cached until a flush."""
        return self._table(table).parts(names, among)

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return the table's rows, buffered ones included, in written order."""
        every = self.scan(table)
        chosen = every if where is None else every.filter(where)
        return in_written_order(chosen.collect(engine="streaming"))

    def scan(self, table: str) -> pl.LazyFrame:
        """Return the same rows as a lazy frame, in no order."""
        stored, buffered = self._table(table).scan(), _typed_frame(table, self._all_buffered(table)).lazy()
        return pl.concat([buffered] if stored is None else [stored, buffered], how=_RELAXED)

    def _table(self, name: str) -> LedgerTable:
        if name not in self._tables:
            self._tables[name] = LedgerTable(self.lake, name, _table_schema(name), self._scope)
        return self._tables[name]

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
