"""The ledger's Delta tables: rows are gathered in memory and written once, and reads see both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from pipelines.lake import Lake
from pipelines.ledger import batches, checks, duplicates, publications, receipts, snapshots

TABLES: Mapping[str, ModuleType] = {
    module.TABLE: module for module in (receipts, batches, checks, publications, duplicates, snapshots)
}


class Store:
    """Typed rows by table."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._waiting: dict[str, list[Mapping[str, Any]]] = {}

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep rows until the next flush."""
        self._waiting.setdefault(table, []).extend(rows)

    def flush(self) -> None:
        """Write what is waiting: at most one file a table."""
        for table in list(self._waiting):
            rows = self._arrow(table)
            if rows.num_rows:
                root = self.lake.ledger(table)
                self.lake.makedirs(root)
                write_deltalake(root, rows, mode="append", storage_options=self.lake.storage_options)
            del self._waiting[table]

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """The table's rows, those waiting included, in the order in which they were written down."""
        waiting = pl.from_arrow(self._arrow(table))
        assert isinstance(waiting, pl.DataFrame)
        every = pl.concat([*self._stored(table), waiting.lazy()], how="vertical_relaxed")
        chosen = every if where is None else every.filter(where)
        rows = chosen.collect(engine="streaming")
        return rows.sort("at", maintain_order=True) if "at" in rows.columns else rows

    def _stored(self, table: str) -> list[pl.LazyFrame]:
        root, options = self.lake.ledger(table), self.lake.storage_options
        if not DeltaTable.is_deltatable(root, storage_options=options):
            return []
        names = TABLES[table].SCHEMA.names
        return [pl.scan_delta(DeltaTable(root, storage_options=options), storage_options=options).select(names)]

    def _arrow(self, table: str) -> pa.Table:
        return pa.Table.from_pylist(list(self._waiting.get(table, [])), schema=TABLES[table].SCHEMA)


def now() -> datetime:
    """The time that a row is written down."""
    return datetime.now(UTC)
