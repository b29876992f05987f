"""The ledger's Delta tables: rows are gathered in memory and written once, and reads see both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any, Final

import polars as pl
from deltalake import write_deltalake

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import (
    alerts_table,
    batches_table,
    categories_table,
    checks_table,
    duplicates_table,
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
    )
}
_RELAXED: Final = "vertical_relaxed"

# Every task reads the ledger and many write to it: without this it would read a hundred files to learn which there are.
_LOG = {"delta.checkpointInterval": "10"}


class LedgerStore:
    """Typed rows by table."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._waiting: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        """Rows by table and dataset; tables of other things have all of theirs under an empty name."""
        self._stored: dict[tuple[str, ...], pl.DataFrame] = {}
        self._parts: dict[tuple[str, ...], dict[str, pl.DataFrame]] = {}

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep rows until the next flush."""
        waiting = self._waiting.setdefault(table, {})
        for row in rows:
            waiting.setdefault(str(row.get("dataset", "")), []).append(row)

    def flush(self) -> bool:
        """Write what is waiting: at most one file a table. Whether anything was."""
        wrote = False
        for table in list(self._waiting):
            rows = self._all_waiting(table)
            if rows:
                wrote = True
                root = self.lake.ledger(table)
                self.lake.makedirs(root)
                data = _typed_frame(table, rows)
                upgrade_ledger_table(self.lake, table, _table_schema(table))
                # "merge" adds the columns that a table of an older version does not have.
                write_deltalake(
                    root,
                    data,
                    mode="append",
                    schema_mode="merge",
                    configuration=_LOG,
                    storage_options=self.lake.storage_options,
                )
            del self._waiting[table]
        if wrote:
            self._stored.clear()
            self._parts.clear()
        return wrote

    def waits(self, dataset: str) -> bool:
        """Whether rows of the dataset wait to be stored."""
        return any(dataset in waiting for waiting in self._waiting.values())

    def of_dataset(self, table: str, dataset: str, names: Sequence[str]) -> pl.DataFrame:
        """Some columns of one dataset's rows, in the order of ``read``; what is stored is read once until a flush.

        A run asks this of every dataset: two hundred of them must not open the same table two hundred times.
        """
        key = (table, *names)
        if key not in self._parts:
            parts = self.stored(table, names).partition_by("dataset", as_dict=True, maintain_order=True)
            self._parts[key] = {str(name): part for (name,), part in parts.items()}
        stored, waiting = self._parts[key].get(dataset), self._waiting.get(table, {}).get(dataset, [])
        if not waiting:
            return _empty_frame(table, tuple(names)) if stored is None else stored
        found = [stored] if stored is not None else []
        return in_written_order(pl.concat([*found, _typed_frame(table, waiting).select(names)], how=_RELAXED))

    def stored(self, table: str, names: Sequence[str]) -> pl.DataFrame:
        """Some columns of the rows that are stored, in the order of ``read``; read once until a flush."""
        key = (table, *names)
        if key not in self._stored:
            found = [frame.select(names).collect(engine="streaming") for frame in self._frames(table)]
            self._stored[key] = in_written_order(found[0]) if found else _empty_frame(table, tuple(names))
        return self._stored[key]

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """The table's rows, those waiting included, in the order in which they were written down."""
        every = self.scan(table)
        chosen = every if where is None else every.filter(where)
        return in_written_order(chosen.collect(engine="streaming"))

    def scan(self, table: str) -> pl.LazyFrame:
        """The same rows in no order, and not read yet: ask for few of them."""
        return pl.concat([*self._frames(table), _typed_frame(table, self._all_waiting(table)).lazy()], how=_RELAXED)

    def _frames(self, table: str) -> list[pl.LazyFrame]:
        """The stored rows, none or one frame."""
        found = open_delta_if_exists(self.lake, self.lake.ledger(table))
        rows = None if found is None else scan_ledger_files(self.lake, table, _table_schema(table), found)
        return [] if rows is None else [rows]

    def _all_waiting(self, table: str) -> list[Mapping[str, Any]]:
        return [row for rows in self._waiting.get(table, {}).values() for row in rows]


def in_written_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order in which they were written down."""
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
    """The time that a row is written down."""
    return datetime.now(UTC)
