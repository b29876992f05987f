"""The ledger as it was before one of its rows was written; nothing is written to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, acts_table, forgotten_table
from citylake.pipelines.lake.ledger.last_deliveries import LastDeliveries
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore
from citylake.pipelines.lake.ledger.ledger_table import Parts
from citylake.pipelines.lake.ledger.undecided_receipts import UndecidedReceipts

_TODAY = frozenset({forgotten_table.TABLE})
"""Tables that are read as they are today: who was forgotten since then stays forgotten."""


class PastLedger(Ledger):
    """``store``: the stored rows, which many past ledgers share; ``before``: the first number that is not seen.

    ``acts``: the acts of people that are seen; None: all of them. What is added is dropped.
    """

    def __init__(self, lake: Lake, store: LedgerStore, before: int, acts: Collection[str] | None = None) -> None:
        super().__init__(lake)
        self._store = _PastStore(store, before, acts)
        self._last = LastDeliveries(self._store)
        self.undecided = UndecidedReceipts(self._store)


class _PastStore(LedgerStore):
    def __init__(self, store: LedgerStore, before: int, acts: Collection[str] | None) -> None:
        super().__init__(store.lake)
        self._real, self._before = store, before
        self._acts = None if acts is None else sorted(acts)

    def _seen(self, table: str, names: Collection[str]) -> pl.Expr:
        if table in _TODAY or SEQUENCE not in names:
            return pl.lit(value=True)
        seen = pl.col(SEQUENCE) < self._before
        # An act counts once it is in ``acts``: its rows and corrections need not be looked at.
        return (
            seen & pl.col("act_id").is_in(self._acts) if table == acts_table.TABLE and self._acts is not None else seen
        )

    def dataset_rows(
        self, table: str, dataset: str, names: Sequence[str], among: frozenset[str] | None = None
    ) -> pl.DataFrame:
        return self._real.dataset_rows(table, dataset, names, among).filter(self._seen(table, names))

    def stored_parts(self, table: str, names: Sequence[str], among: frozenset[str] | None = None) -> Parts:
        seen = self._seen(table, names)
        return {name: part.filter(seen) for name, part in self._real.stored_parts(table, names, among).items()}

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        seen = self._seen(table, LEDGER_TABLES[table].SCHEMA.names())
        return self._real.read(table, seen if where is None else seen & where)

    def scan(self, table: str) -> pl.LazyFrame:
        return self._real.scan(table).filter(self._seen(table, LEDGER_TABLES[table].SCHEMA.names()))

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Drop the rows."""

    def append_frame(self, table: str, rows: pl.DataFrame) -> None:
        """Drop the rows."""

    def flush(self, tables: Collection[str] = ()) -> bool:
        return False
