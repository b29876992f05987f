"""The ledger's Delta tables: rows are gathered in memory and written once, and reads see both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, Final

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from pipelines.lake import Lake
from pipelines.ledger import batches, checks, duplicates, publications, receipts, snapshots

TABLES: Mapping[str, ModuleType] = {
    module.TABLE: module for module in (receipts, batches, checks, publications, duplicates, snapshots)
}
_RELAXED: Final = "vertical_relaxed"


class Store:
    """Typed rows by table."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._waiting: dict[str, list[Mapping[str, Any]]] = {}
        self._seen: dict[tuple[str, ...], dict[str, pl.DataFrame]] = {}

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
        self._seen.clear()

    def of_dataset(self, table: str, dataset: str, names: Sequence[str]) -> pl.DataFrame:
        """Some columns of one dataset's rows, in the order of ``read``; what is stored is read once until a flush.

        A run asks this of every dataset: two hundred of them must not open the same table two hundred times.
        """
        key = (table, *names)
        if key not in self._seen:
            self._seen[key] = self._by_dataset(table, names)
        stored, waiting = self._seen[key].get(dataset), self._arrow(table, dataset)
        if stored is None or waiting.num_rows:
            found = [stored] if stored is not None else []
            stored = pl.concat([*found, _frame(waiting).select(names)], how=_RELAXED)
        return stored.sort("at", maintain_order=True) if "at" in names else stored

    def _by_dataset(self, table: str, names: Sequence[str]) -> dict[str, pl.DataFrame]:
        rows = [frame.select(names).collect(engine="streaming") for frame in self._stored(table)]
        parts = rows[0].partition_by("dataset", as_dict=True, maintain_order=True) if rows else {}
        return {str(dataset): part for (dataset,), part in parts.items()}

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """The table's rows, those waiting included, in the order in which they were written down."""
        every = pl.concat([*self._stored(table), _frame(self._arrow(table)).lazy()], how=_RELAXED)
        chosen = every if where is None else every.filter(where)
        rows = chosen.collect(engine="streaming")
        return rows.sort("at", maintain_order=True) if "at" in rows.columns else rows

    def _stored(self, table: str) -> list[pl.LazyFrame]:
        root, options = self.lake.ledger(table), self.lake.storage_options
        if not DeltaTable.is_deltatable(root, storage_options=options):
            return []
        names = TABLES[table].SCHEMA.names
        return [pl.scan_delta(DeltaTable(root, storage_options=options), storage_options=options).select(names)]

    def _arrow(self, table: str, dataset: str | None = None) -> pa.Table:
        rows = [row for row in self._waiting.get(table, ()) if dataset is None or row["dataset"] == dataset]
        return pa.Table.from_pylist(rows, schema=TABLES[table].SCHEMA)


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def now() -> datetime:
    """The time that a row is written down."""
    return datetime.now(UTC)
