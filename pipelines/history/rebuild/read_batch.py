"""One committed batch, read again as it was read then, and committed to the scratch lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.commit.commit_batch import commit_staged_batch, counts_after_commit
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.linked_lake import LinkedLake
from citylake.pipelines.flow.release_batch import waived_contract
from citylake.pipelines.flow.replay_dataset import stage_joint_batch
from citylake.pipelines.flow.replay_sources import open_replayed
from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_ledger import PastLedger
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.records import PipelineBatch, Receipt, RowCounts
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(frozen=True, slots=True)
class BatchReader:
    """``context`` has the real lake; ``store``: its ledger's rows, which every batch sees a part of; ``received``: the
    receipts by id.
    """

    context: RunContext
    registries: PastRegistries
    lake: LinkedLake
    store: LedgerStore
    received: Mapping[str, Receipt]

    def receipts(self, batch: PastBatch) -> list[Receipt]:
        """Return the batch's receipts, in the order in which they were read then."""
        return [self.received[name] for name in batch.receipts if name in self.received]

    def read(self, batch: PastBatch) -> RowCounts:
        """Read and commit the batch; return its counts.

        No gate is asked again: whatever held the batch then was released. Raises REBUILD_BATCH_UNREADABLE,
        REBUILD_DECLARATIONS_UNKNOWN, and the errors of a commit.
        """
        registry, contract = self.registries.of_batch(batch)
        context = replace(
            self.context,
            registry=registry,
            lake=self.lake,
            ledger=PastLedger(self.context.lake, self.store, batch.number, batch.acts),
            run=batch.run_then,
        )
        receipts = self.receipts(batch)
        self.lake.link_receipts(receipts)
        try:
            with scratch_folder() as texts:
                sources = open_replayed(context, contract, receipts, Path(texts))
                staged = _staged(context, contract, _in_order(sources, batch), batch)
                return self._commit(context, contract, staged)
        finally:
            self.lake.drop_receipts(batch.dataset)

    def _commit(self, context: RunContext, contract: Contract, batch: PipelineBatch) -> RowCounts:
        if batch.staged is None:
            return batch.result.counts
        done = commit_staged_batch(waived_contract(contract), context.registry, batch.staged, self.lake)
        return counts_after_commit(batch.result.counts, done)


def _in_order(sources: Sequence[SourceRows], batch: PastBatch) -> list[SourceRows]:
    """The sources in the order in which they were read then: of equal rows the first one survives."""
    return sorted(sources, key=lambda source: batch.receipts.index(source.receipt.id))


def _staged(context: RunContext, contract: Contract, sources: Sequence[SourceRows], batch: PastBatch) -> PipelineBatch:
    unread = [source.problem for source in sources if source.problem]
    made = None
    if not unread:
        made = stage_joint_batch(context, waived_contract(contract), sources, batch.batch, _freed)
    if made is None or made.staged is None:
        raise _unreadable(batch, [*unread, *(made.result.problems if made else ())])
    return made


def _freed(part: PipelineBatch) -> PipelineBatch:
    """A part whose rows are staged is free: it was committed then."""
    return part if part.staged is None else replace(part, result=replace(part.result, status="staged"))


def _unreadable(batch: PastBatch, problems: Sequence[Problem]) -> CitylakeError:
    codes = ", ".join(dict.fromkeys(each.code for each in problems)) or "—"
    return CitylakeError("REBUILD_BATCH_UNREADABLE", dataset=batch.dataset, batch=batch.batch, codes=codes)
