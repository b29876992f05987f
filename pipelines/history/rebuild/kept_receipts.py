"""Which receipts a rebuild has to read, and whether the lake still has them.

Retention removes bytes and text of old receipts. A batch of which something is removed can be left out if a later batch
of the same plan has read the same bytes again, or a file that replaced them: that batch has replaced all its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_plan import PastPlan
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.lake.ledger import duplicates_table, receipts_table, removals_table
from citylake.pipelines.read.receipt_records import load_receipts, receipt_in_lake, stored_text_files
from citylake.pipelines.records import Receipt

_ZONES = ("landing", "raw")


@dataclass(slots=True)
class KeptReceipts:
    """The receipts of the real lake that retention has touched, and what became of them."""

    context: RunContext
    registries: PastRegistries
    _gone: dict[str, frozenset[str]] = field(default_factory=dict)
    _sources: dict[str, dict[str, tuple[str, str, str]]] = field(default_factory=dict)

    def skipped(self, plan: PastPlan) -> tuple[list[PastBatch], list[PastBatch]]:
        """Return the batches of the plan that can be left out, and those that are needed and cannot be read."""
        left: list[PastBatch] = []
        lost: list[PastBatch] = []
        for dataset, batches in plan.batches.items():
            gone = self.gone(dataset)
            for place, batch in enumerate(batches):
                if gone.isdisjoint(batch.receipts):
                    continue
                (left if self._is_replaced(batch, batches[place + 1 :]) else lost).append(batch)
        return left, lost

    def gone(self, dataset: str) -> frozenset[str]:
        """Return the receipts of which neither the landed bytes nor the text is left."""
        if dataset not in self._gone:
            removed = self.context.ledger.read(removals_table.TABLE).filter(
                pl.col("subject") == dataset, pl.col("zone").is_in(_ZONES)
            )
            names = removed["name"].unique().to_list()
            receipts = load_receipts(self.context.ledger, names) if names else ()
            self._gone[dataset] = frozenset(each.id for each in receipts if not self._is_kept(each))
        return self._gone[dataset]

    def _is_kept(self, receipt: Receipt) -> bool:
        lake = self.context.lake
        here = receipt_in_lake(lake, receipt)
        landed = bool(here.landing) and all(lake.fs.exists(path) for path in here.landing)
        return landed or bool(stored_text_files(lake, receipt)[0])

    def _is_replaced(self, batch: PastBatch, later: Sequence[PastBatch]) -> bool:
        """Whether later batches that can be read have replaced all rows of the batch, and no other row rests on it."""
        gone, again = self.gone(batch.dataset), set[str]()
        for each in later:
            if gone.isdisjoint(each.receipts):
                again |= self._replaced_by(each, batch.receipts)
        return set(batch.receipts) <= again and not self._others_rest_on(batch)

    def _replaced_by(self, later: PastBatch, receipts: Sequence[str]) -> set[str]:
        contract = self.registries.of_batch(later)[1]
        grows = contract.write.mode == "append" and contract.source.new_bytes_replace
        sources = self._receipt_sources(later.dataset)
        mine = {sources[each] for each in later.receipts if each in sources}
        names = {(name, source) for name, source, _ in mine}
        return {
            each
            for each in receipts
            if each in later.receipts
            or (each in sources and (sources[each] in mine or (grows and sources[each][:2] in names)))
        }

    def _receipt_sources(self, dataset: str) -> dict[str, tuple[str, str, str]]:
        """Return receipt → name, source and SHA-256."""
        if dataset not in self._sources:
            rows = self.context.ledger.read(receipts_table.TABLE).filter(
                pl.col("dataset") == dataset, pl.col("status") == "received"
            )
            found = rows.select("id", "name", "source", "sha256").iter_rows()
            self._sources[dataset] = {name: (file, source, sha256) for name, file, source, sha256 in found}
        return self._sources[dataset]

    def _others_rest_on(self, batch: PastBatch) -> bool:
        """Whether a row of a receipt that other batches have was dropped as a duplicate of one of the batch's rows."""
        sources = self._receipt_sources(batch.dataset)
        same = {sources[each] for each in batch.receipts if each in sources}
        own = [each for each, source in sources.items() if source in same or each in batch.receipts]
        rows = self.context.ledger.scan(duplicates_table.TABLE).filter(
            pl.col("dataset") == batch.dataset,
            pl.col("survivor_receipt").is_in(list(batch.receipts)),
            ~pl.col("_receipt").is_in(own),
        )
        return bool(rows.select(pl.len()).collect(engine="streaming").item())
