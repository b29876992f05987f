"""Which receipts a rebuild has to read, and whether the lake still has them.

Retention removes bytes and text of old receipts. A batch of which something is removed can be left out if no row of it
was left when the mart was built: later batches have read its bytes again, or a file that replaced them, or the ledger
names every row of it as superseded.
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
    _lost: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    _rests: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def skipped(self, plan: PastPlan) -> tuple[list[PastBatch], list[PastBatch]]:
        """Return the batches of the plan that can be left out, and those that are needed and cannot be read.

        Datasets that only describe keys and codes are left out whole if they are not there any more.
        """
        left, lost = list[PastBatch](), list[PastBatch]()
        for dataset, batches in plan.batches.items():
            gone = self.gone(dataset)
            if dataset in plan.described and any(not gone.isdisjoint(each.receipts) for each in batches):
                left += batches
                continue
            for place, batch in enumerate(batches):
                if gone.isdisjoint(batch.receipts):
                    continue
                later = _before_next_reader(plan, batch, batches[place + 1 :])
                (left if self._is_replaced(batch, later) else lost).append(batch)
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
        """Whether later batches have replaced all rows of the batch, and no other row rests on it."""
        write = self.registries.of_batch(batch)[1].write
        newest_wins = write.mode in ("upsert", "replace") and not write.changes
        if newest_wins and later and self._is_superseded(batch, later):
            return True
        read = [each for each in later if self.gone(batch.dataset).isdisjoint(each.receipts)]
        if not set(batch.receipts) <= self._replaced_by(read, batch.receipts):
            return False
        resting = self._resting_on(batch)
        return resting <= self._replaced_by(read, sorted(resting))

    def _is_superseded(self, batch: PastBatch, later: Sequence[PastBatch]) -> bool:
        """Whether the ledger names every row of the batch as one that lost to a newer row, then or later.

        What lost to such a row also loses to the newer one, so that nothing else rests on the batch.
        """
        batches = {batch.batch, *(each.batch for each in later)}
        lost = self._lost_rows(batch.dataset)
        named = sum(count for each in batch.receipts for at, count in lost.get(each, {}).items() if at in batches)
        return named == batch.counts.standard + batch.counts.duplicates

    def _replaced_by(self, later: Sequence[PastBatch], receipts: Sequence[str]) -> set[str]:
        """Return the receipts whose rows the later batches have replaced."""
        return {name for each in later for name in receipts if self._replaces(each, name)}

    def _replaces(self, later: PastBatch, receipt: str) -> bool:
        """Whether the batch has read the receipt again, the same bytes, or bytes that replace the whole file."""
        sources = self._receipt_sources(later.dataset)
        if receipt in later.receipts or receipt not in sources:
            return receipt in later.receipts
        contract = self.registries.of_batch(later)[1]
        grows = contract.write.mode == "append" and contract.source.new_bytes_replace
        mine = [sources[each] for each in later.receipts if each in sources]
        name, source, _ = sources[receipt]
        return sources[receipt] in mine or (grows and any(each[:2] == (name, source) for each in mine))

    def _receipt_sources(self, dataset: str) -> dict[str, tuple[str, str, str]]:
        """Return receipt → name, source and SHA-256."""
        if dataset not in self._sources:
            rows = self.context.ledger.read(receipts_table.TABLE).filter(
                pl.col("dataset") == dataset, pl.col("status") == "received"
            )
            found = rows.select("id", "name", "source", "sha256").iter_rows()
            self._sources[dataset] = {name: (file, source, sha256) for name, file, source, sha256 in found}
        return self._sources[dataset]

    def _lost_rows(self, dataset: str) -> dict[str, dict[str, int]]:
        """Return receipt → batch → how many rows of the receipt lost to other rows when the batch was committed."""
        if dataset not in self._lost:
            counted = self._duplicates(dataset).group_by("_receipt", "_batch").len().collect(engine="streaming")
            found: dict[str, dict[str, int]] = {}
            for receipt, batch, count in counted.iter_rows():
                found.setdefault(receipt, {})[batch] = count
            self._lost[dataset] = found
        return self._lost[dataset]

    def _resting_on(self, batch: PastBatch) -> set[str]:
        """Return the other receipts of which a row was dropped because a row of the batch stood for it."""
        dataset = batch.dataset
        if dataset not in self._rests:
            pairs = (
                self._duplicates(dataset).select("survivor_receipt", "_receipt").unique().collect(engine="streaming")
            )
            self._rests[dataset] = pairs.rows()
        own = set(batch.receipts)
        return {receipt for survivor, receipt in self._rests[dataset] if survivor in own and receipt not in own}

    def _duplicates(self, dataset: str) -> pl.LazyFrame:
        return self.context.ledger.scan(duplicates_table.TABLE).filter(pl.col("dataset") == dataset)


def _before_next_reader(plan: PastPlan, batch: PastBatch, later: Sequence[PastBatch]) -> Sequence[PastBatch]:
    """The later batches of the dataset that came before anything read its table."""
    if batch.dataset in plan.read_between:
        return ()
    versions = [build.versions[batch.dataset] for build in plan.builds if batch.dataset in build.versions]
    read = min((version for version in versions if version >= batch.place), default=-1)
    return [each for each in later if each.place <= read]
