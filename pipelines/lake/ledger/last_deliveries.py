"""The last delivery of each source that is in a batch: what a pull need not fetch again."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.lake.ledger import batches_table, receipts_table
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore

RECEIPT_COLUMNS = (
    *("sequence", "dataset", "status", "id", "name", "source", "sha256"),
    *("requested_at", "landing", "cursor"),
)
"""The columns of receipts that any question needs: one set, so that the table is read once."""
BATCH_COLUMNS = (
    *("sequence", "dataset", "batch", "status", "fingerprint", "receipts", "rows_standard", "supersedes"),
    "table_version",
)
IS_COMMITTED = pl.col("batch").is_not_null() & (pl.col("status") == "committed")
IS_RECEIVED = pl.col("status") == "received"
Delivery = tuple[str, str, str, str]
"""Name, SHA-256, receipt and fingerprint."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The deliveries of a dataset, and the rows from which they were computed."""

    batches: pl.DataFrame
    receipts: pl.DataFrame
    last: list[Delivery]


@dataclass(slots=True)
class LastDeliveries:
    """Computed of all datasets at once, and again only of those with new rows."""

    store: LedgerStore
    _known: dict[str, _Known] | None = field(default=None)

    def of(self, dataset: str) -> list[Delivery]:
        """Return the last delivery of each source of the dataset."""
        if self._known is None:
            self._known = self._of_all()
        batches = self.store.dataset_rows(batches_table.TABLE, dataset, BATCH_COLUMNS)
        receipts = self.store.dataset_rows(receipts_table.TABLE, dataset, RECEIPT_COLUMNS)
        known = self._known.get(dataset)
        if known is None or known.batches is not batches or known.receipts is not receipts:
            known = _Known(batches, receipts, _deliveries(batches, receipts).get(dataset, []))
            self._known[dataset] = known
        return known.last

    def _of_all(self) -> dict[str, _Known]:
        """A run asks for all datasets, and most have no news."""
        batches = self.store.stored_parts(batches_table.TABLE, BATCH_COLUMNS)
        receipts = self.store.stored_parts(receipts_table.TABLE, RECEIPT_COLUMNS)
        both = [name for name in batches if name in receipts]
        if not both:
            return {}
        found = _deliveries(pl.concat(batches[name] for name in both), pl.concat(receipts[name] for name in both))
        return {name: _Known(batches[name], receipts[name], found.get(name, [])) for name in both}


def _deliveries(batches: pl.DataFrame, receipts: pl.DataFrame) -> dict[str, list[Delivery]]:
    """Return the last deliveries by dataset: of each source the newest receipt, as in the order of rows.

    Runs at once may commit in another order: what counts as delivered last must be what the table holds.
    """
    committed, received = batches.filter(IS_COMMITTED), receipts.filter(IS_RECEIVED)
    read = committed.select("dataset", id="receipts", fingerprint="fingerprint").explode("id")
    last = read.unique(["dataset", "id"], keep="last", maintain_order=True)
    joined = received.select("dataset", "name", "source", "sha256", "id").join(last, on=["dataset", "id"]).sort("id")
    news = joined.unique(["dataset", "name", "source"], keep="last", maintain_order=True)
    found: dict[str, list[Delivery]] = {}
    rows = news.select("dataset", "name", "sha256", "id", "fingerprint").iter_rows()
    for dataset, name, sha256, receipt, fingerprint in rows:
        found.setdefault(dataset, []).append((name, sha256, receipt, fingerprint))
    return found
