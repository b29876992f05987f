"""The ledger's Delta tables: added rows are buffered in memory, written by a flush, and visible to reads at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from types import ModuleType
from typing import Any, Final

import polars as pl
from deltalake import write_deltalake

from citylake.pipelines.lake.conflict_retry import retry_conflicts
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import (
    alerts_table,
    batches_table,
    categories_table,
    checks_table,
    duplicates_table,
    meanings_table,
    publications_table,
    receipts_table,
    removals_table,
    snapshots_table,
    states_table,
)
from citylake.pipelines.lake.ledger.ledger_upgrade import scan_ledger_files, upgrade_ledger_table

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
    )
}
_RELAXED: Final = "vertical_relaxed"

# Many tasks append to the ledger; frequent checkpoints keep the number of log files that a reader opens small.
_LOG = {"delta.checkpointInterval": "10"}


class LedgerStore:
    """Buffered and stored rows by table."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._buffered: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        """Rows by table and dataset; rows without a dataset are under an empty name."""
        self._stored: dict[tuple[str, ...], pl.DataFrame] = {}
        self._parts: dict[tuple[str, ...], dict[str, pl.DataFrame]] = {}

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Buffer rows until the next flush."""
        buffered = self._buffered.setdefault(table, {})
        for row in rows:
            buffered.setdefault(str(row.get("dataset", "")), []).append(row)

    def flush(self) -> bool:
        """Write the buffered rows, at most one file per table; return whether there were any."""
        wrote = False
        for table in list(self._buffered):
            rows = self._all_buffered(table)
            if rows:
                wrote = True
                self.lake.makedirs(self.lake.ledger(table))
                upgrade_ledger_table(self.lake, table, _table_schema(table))
                # Another run may create the table at the same time, or add columns to it.
                retry_conflicts(self.lake.ledger(table), partial(_append_rows, self.lake, table, rows))
            del self._buffered[table]
        if wrote:
            self._stored.clear()
            self._parts.clear()
        return wrote

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


def _append_rows(lake: Lake, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    write_deltalake(
        lake.ledger(table),
        _typed_frame(table, rows),
        mode="append",
        # Adds the columns that a table of an older version does not have.
        schema_mode="merge",
        configuration=_LOG,
        storage_options=lake.storage_options,
    )


def in_written_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows sorted by ``recorded_at``, if they have it."""
    return rows.sort("recorded_at", maintain_order=True) if "recorded_at" in rows.columns else rows


def _typed_frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_table_schema(table), orient="row")


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
