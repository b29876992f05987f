"""Does the batches and builds of a plan once more, in their order, in the scratch lake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from citylake.pipelines.context import RunContext
from citylake.pipelines.entities.link_entities import link_entities
from citylake.pipelines.flow.linked_lake import LinkedLake
from citylake.pipelines.flow.sealed_access import ask_for_sealed
from citylake.pipelines.history.rebuild.build_again import MadeMart, build_again
from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_ledger import PastLedger
from citylake.pipelines.history.rebuild.past_plan import PastPlan
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.history.rebuild.read_batch import BatchReader
from citylake.pipelines.history.rebuild.rebuild_result import DatasetReread
from citylake.pipelines.history.rebuild.scratch_tables import drop_replaced_files
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore
from citylake.pipelines.read.receipt_records import load_receipts
from citylake.pipelines.records import RowCounts
from citylake.schemas.model.entity import ENTITY_SCHEMA
from citylake.schemas.words.errors import Problem

RereadCallback = Callable[[DatasetReread], None]
SWEEP = 20
"""Batches of a dataset after which the files that were replaced in its scratch tables are deleted."""


@dataclass(slots=True)
class PlanWork:
    """``context`` has the real lake; ``lake`` is the scratch lake; ``read``: by dataset, what was read so far."""

    context: RunContext
    registries: PastRegistries
    lake: LinkedLake
    plan: PastPlan
    tell: RereadCallback
    store: LedgerStore = field(init=False)
    read: dict[str, DatasetReread] = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    _run: str = ""
    """The run of the last batch; once it is over, the entities of its datasets were linked."""

    def __post_init__(self) -> None:
        self.store = LedgerStore(self.context.lake)
        self.read = {name: DatasetReread(name) for name in self.plan.batches}

    def run(self) -> MadeMart:
        """Return the mart of the plan's target."""
        names = [name for found in self.plan.batches.values() for batch in found for name in batch.receipts]
        received = {each.id: each for each in load_receipts(self.context.ledger, names)}
        reader = BatchReader(self.context, self.registries, self.lake, self.store, received)
        self._ask_for_keys(reader)
        link = self._linker()
        for event in self.plan.events:
            if isinstance(event, PastBatch):
                if event.run != self._run:
                    link(event.number)
                self._run = event.run
                self._read_batch(reader, event)
                continue
            link(event.number)
            self.context.tell(event.mart, "build")
            made = build_again(self.context, self.registries, event, self.lake)
        return made

    def _ask_for_keys(self, reader: BatchReader) -> None:
        for dataset, batches in self.plan.batches.items():
            receipts = {each.id: each for batch in batches for each in reader.receipts(batch)}
            ask_for_sealed(self.context, "as_of", dataset, receipts.values())

    def _read_batch(self, reader: BatchReader, batch: PastBatch) -> None:
        self.context.tell(batch.dataset, "conform")
        counts = reader.read(batch)
        done = self.read[batch.dataset]
        done.batches += 1
        done.receipts += len(batch.receipts)
        done.rows_in += counts.rows_in
        done.rows_standard += counts.standard
        if _told(counts) != _told(batch.counts):
            values = {"dataset": batch.dataset, "batch": batch.batch}
            then, now = (", ".join(map(str, _told(each))) for each in (batch.counts, counts))
            self.problems.append(Problem("REBUILD_BATCH_DIFFERS", {**values, "then": then, "now": now}))
        if done.batches % SWEEP == 0:
            drop_replaced_files(self.lake, batch.dataset)
        if batch is self.plan.batches[batch.dataset][-1]:
            self.tell(done)

    def _linker(self) -> Callable[[int], None]:
        """Links the entities that the target reads, as each run did after its batches."""
        names = sorted(
            {
                name.partition(".")[2]
                for build in self.plan.builds
                for name in build.versions
                if name.startswith(f"{ENTITY_SCHEMA}.")
            }
        )
        if not names:
            return lambda _before: None
        registry, _ = self.registries.of_build(self.plan.target, self.lake)

        def link(before: int) -> None:
            ledger = PastLedger(self.context.lake, self.store, before)
            work = RunContext(registry, self.lake, ledger, self.context.run, budget=self.context.budget)
            link_entities(work, names)

        return link


def _told(counts: RowCounts) -> tuple[int, ...]:
    return counts.rows_in, counts.standard, counts.quarantined, counts.duplicates, counts.filtered
