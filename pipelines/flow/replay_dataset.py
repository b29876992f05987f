"""Replay: receipts that are in the lake are read again by today's contract, and replace what they gave, in one commit.

The steps are those of a run, with the same conductor; only where receipts come from is different.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.conform.batch_identity import JointBatch, batch_decisions, batch_id, last_batch_id
from citylake.pipelines.conform.stage_batch import stage_batch, stage_empty_batch
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.begin_dataset import begin_dataset
from citylake.pipelines.flow.conductor import DATASET_STEPS, DatasetStep, StepName, ingest_dataset
from citylake.pipelines.flow.dataset_outcome import collect_results, record_results
from citylake.pipelines.flow.dataset_steps import audit_step, commit_step, group_sources
from citylake.pipelines.flow.meaning_check import hold_mixed_meanings
from citylake.pipelines.flow.replay_selection import ReplaySelection, select_replayed
from citylake.pipelines.flow.replay_sources import open_replayed
from citylake.pipelines.flow.sealed_access import ask_for_sealed
from citylake.pipelines.flow.step_state import StepState
from citylake.pipelines.records import BatchResult, ConformedBatch, PipelineBatch, Receipt, RowCounts
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import Problem


def replay_dataset(context: RunContext, contract: Contract, chosen: ReplaySelection) -> list[BatchResult]:
    """Replay the chosen receipts: one batch, or an unchanged result if there is nothing to replay."""
    return ingest_dataset(context, contract, _Replay(chosen).steps())


@dataclass(slots=True)
class _Replay:
    chosen: ReplaySelection
    batches: tuple[str, ...] = field(default=())
    """The batches that the replay supersedes."""
    known: int = 0
    """The greatest number of the receipts that the ledger had when the replayed ones were chosen."""

    def steps(self) -> Mapping[StepName, DatasetStep]:
        return {
            **DATASET_STEPS,
            "pull": DatasetStep(self._select, always=True),
            "parse": DatasetStep(self._open),
            "conform": DatasetStep(self._conform),
            "audit": DatasetStep(self._audit),
            "commit": DatasetStep(self._commit, record=_record_replay),
        }

    def _select(self, context: RunContext, contract: Contract, state: StepState) -> None:
        begin_dataset(context, contract)
        found = select_replayed(context, contract, self.chosen)
        self.known = context.ledger.newest_receipt_number(contract.dataset)
        self.batches = found.batches
        state.save("pull", list[Receipt], list(found.receipts))

    def _open(self, context: RunContext, contract: Contract, state: StepState) -> None:
        anew = self.chosen.damaged.texts if self.chosen.damaged else ()
        receipts = state.load("pull", list[Receipt])
        ask_for_sealed(context, "rebuild" if self.chosen.damaged else "replay", contract.dataset, receipts)
        sources = open_replayed(context, contract, receipts, state.scratch(), anew)
        state.save_sources(sources)

    def _conform(self, context: RunContext, contract: Contract, state: StepState) -> None:
        batch = stage_joint_batch(context, contract, state.sources())
        if batch and batch.staged and self.chosen.damaged:
            batch = replace(batch, staged=replace(batch.staged, damaged=self.chosen.damaged.paths))
        found = [replace(batch, result=replace(batch.result, supersedes=self.batches))] if batch else []
        state.save("conform", list[PipelineBatch], found)

    def _audit(self, context: RunContext, contract: Contract, state: StepState) -> None:
        # How many rows a delivery has and how fresh it is says nothing about many deliveries of the past.
        judged = contract.model_copy(update={"expect": contract.expect.of_many_deliveries()})
        batches = [audit_step(context, judged, batch) for batch in state.batches("conform")]
        state.save("audit", list[PipelineBatch], batches)

    def _commit(self, context: RunContext, contract: Contract, state: StepState) -> None:
        audited = hold_mixed_meanings(context, contract, state.batches("audit"))
        batches = [commit_step(context, contract, batch, overtaking=self.known) for batch in audited]
        state.save("commit", list[PipelineBatch], batches)


def _record_replay(context: RunContext, contract: Contract, state: StepState) -> None:
    """A replay that is held leaves the rows of the earlier readings where they are: no batch waits for a decision."""
    found = collect_results(context, contract, state)
    record_results(context, contract, state, [_note_held(each) if each.status == "held" else each for each in found])


def _note_held(result: BatchResult) -> BatchResult:
    values = {"dataset": result.dataset, "batch": result.batch or "—"}
    problems = (Problem(each.code, {**each.values, "batch": values["batch"]}) for each in result.problems)
    named = replace(result, problems=(*problems, Problem("REPLAY_HELD", values)))
    return named if result.supersedes else replace(named, batch=None)


def stage_joint_batch(
    context: RunContext,
    contract: Contract,
    sources: Sequence[SourceRows],
    name: str | None = None,
    waive: Callable[[PipelineBatch], PipelineBatch] = lambda part: part,
) -> PipelineBatch | None:
    """One batch of receipts with any source columns; None if none of them can be read.

    If a part is held, all of it is, unless ``waive`` frees it. ``name``: the id of the batch, if it has one.
    """
    groups, blank = group_sources(context, contract, sources)
    if not groups:
        return waive(stage_empty_batch(context, contract, blank)) if blank else None
    declared = contract_fingerprint(contract, context.registry)
    receipts = [source.receipt for group in groups for source in group]
    decisions = batch_decisions(context, contract, receipts)
    identity = name or batch_id(receipts, contract, declared, last_batch_id(context, contract), decisions)
    made = [stage_batch(context, contract, group, JointBatch(identity, at)) for at, group in enumerate(groups)]
    parts = [waive(part) for part in made if part is not None]
    whole = _join_parts(contract, identity, declared, parts)
    shown = (*whole.result.receipts, *(source.receipt for source in blank))
    return replace(whole, result=replace(whole.result, receipts=shown))


def _join_parts(contract: Contract, identity: str, declared: str, parts: Sequence[PipelineBatch]) -> PipelineBatch:
    results, staged = [part.result for part in parts], [part.staged for part in parts if part.is_staged and part.staged]
    whole = len(staged) == len(parts)
    result = BatchResult(
        contract.dataset,
        "staged" if whole else "held",
        identity,
        receipts=tuple(sorted((each for part in results for each in part.receipts), key=lambda each: each.id)),
        counts=sum((part.counts for part in results), RowCounts()),
        issues=_added([part.issues for part in results]),
        problems=tuple(problem for part in results for problem in part.problems),
        fingerprint=declared,
    )
    return PipelineBatch(result, _join_staged(staged) if whole else None)


def _join_staged(parts: Sequence[ConformedBatch]) -> ConformedBatch:
    names = {name for part in parts for name in part.categories}
    return replace(
        parts[0],
        receipts=tuple(sorted(name for part in parts for name in part.receipts)),
        standard=tuple(path for part in parts for path in part.standard),
        quarantine=tuple(path for part in parts for path in part.quarantine),
        duplicates=tuple(path for part in parts for path in part.duplicates),
        counts=sum((part.counts for part in parts), RowCounts()),
        issues=_added([part.issues for part in parts]),
        days=tuple(sorted({day for part in parts for day in part.days})),
        notes=tuple(note for part in parts for note in part.notes),
        categories={
            name: tuple(dict.fromkeys(v for part in parts for v in part.categories.get(name, ()))) for name in names
        },
        earlier=tuple(sorted({name for part in parts for name in part.earlier})),
        versions=tuple(pair for part in parts for pair in part.versions),
        applied=_added([part.applied for part in parts]),
    )


def _added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(found)
