"""Which datasets have bytes that may wait for a decision: found for all of them at once, from a few columns.

After a year every dataset has had batches that were held, and almost all of them are decided. A question about one
dataset then costs nothing, and only the few that are named here are looked at closely.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.lake.ledger import batches_table
from citylake.pipelines.lake.ledger.last_deliveries import BATCH_COLUMNS
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore

_DAY = 24 * 3600 * 1_000_000
"""A day in numbers of the lake's clock."""
_TELLING = ("held", "rejected", "committed")
IS_REPLAY = pl.col("supersedes").list.len().fill_null(0) > 0
AGAIN_HELD = (pl.col("status") == "held") & IS_REPLAY
"""A replay that was held decides nothing: its rows stand."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a dataset's records say about the receipts of batches that were ever held."""

    undecided: bool = False
    """Whether the last record of a receipt is that its batch is held or rejected. If not, no bytes wait: what decides
    about bytes is the last record of all receipts that brought them, which is the last one of its own receipt, too."""
    settled: bool = True
    """Whether all are decided, and another run of the dataset came to its end a day or more after that. Such a run
    began after the decision, and has done what a process left undone that was killed right after it."""


@dataclass(slots=True)
class UndecidedReceipts:
    """Computed of all datasets at once, and again only of those with new rows."""

    store: LedgerStore
    _known: dict[str, tuple[pl.DataFrame, Waiting]] | None = field(default=None)
    _first: frozenset[str] | None = field(default=None)

    def datasets(self) -> frozenset[str]:
        """Return the datasets with undecided receipts, from one reading that keeps no rows."""
        found = _waiting(self.store.scan(batches_table.TABLE))
        return frozenset(name for name, waiting in found.items() if waiting.undecided)

    def together_with(self, dataset: str) -> frozenset[str] | None:
        """Return the few datasets whose rows are looked at closely, if ``dataset`` is one of them; else None: all.

        They are those that were undecided at first: the answer stays the same, and their rows are read once.
        """
        if self._first is None:
            self.of(dataset)
            self._first = frozenset(name for name, (_, waiting) in (self._known or {}).items() if waiting.undecided)
        return self._first if dataset in self._first else None

    def of(self, dataset: str) -> Waiting:
        """Return what is known about the dataset."""
        if self._known is None:
            parts = self.store.stored_parts(batches_table.TABLE, BATCH_COLUMNS)
            found = _waiting(pl.concat(parts.values()).lazy()) if parts else {}
            self._known = {name: (rows, found.get(name, Waiting())) for name, rows in parts.items()}
        rows = self.store.dataset_rows(batches_table.TABLE, dataset, BATCH_COLUMNS)
        known = self._known.get(dataset)
        if known is None or known[0] is not rows:
            known = (rows, _waiting(rows.lazy()).get(dataset, Waiting()))
            self._known[dataset] = known
        return known[1]


def _waiting(batches: pl.LazyFrame) -> dict[str, Waiting]:
    """By dataset, of those with a batch that was ever held; ``batches``: in any order."""
    told = batches.filter(pl.col("status").is_in(_TELLING) & pl.col("batch").is_not_null() & ~AGAIN_HELD)
    records = told.select("dataset", "sequence", "status", id="receipts").explode("id", empty_as_null=True)
    ever = records.filter(pl.col("status") != "committed").select("dataset", "id").unique()
    mine = records.join(ever, on=["dataset", "id"], how="semi")
    last = mine.group_by("dataset", "id").agg(pl.col("status", "sequence").sort_by("sequence").last())
    open_ = pl.col("status").is_in(["held", "rejected"]).any().alias("open")
    datasets = last.group_by("dataset").agg(open_, pl.col("sequence").max().alias("decided"))
    ended = batches.filter(pl.col("status").is_in(["committed", "unchanged"]) & ~IS_REPLAY)
    runs = ended.group_by("dataset").agg(pl.col("sequence").max().alias("run"))
    ended_since = (pl.col("run") > pl.col("decided") + _DAY).fill_null(value=False)
    found = datasets.join(runs, on="dataset", how="left").select(
        "dataset", "open", settled=~pl.col("open") & ended_since
    )
    rows = found.collect(engine="streaming").iter_rows()
    return {dataset: Waiting(undecided, settled) for dataset, undecided, settled in rows}
