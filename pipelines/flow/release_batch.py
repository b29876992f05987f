"""Releases a held batch: its receipts are read again, as a replay does, and what stopped them is waived if it can be.

The waiver is the act in the ledger. What means that rows cannot be made, or that the lake is wrong, is not waived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from citylake.pipelines.conform.batch_identity import batch_id, last_batch_id
from citylake.pipelines.conform.held_rows import holding_problems
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.begin_dataset import begin_dataset
from citylake.pipelines.flow.conductor import DATASET_STEPS, DatasetStep, StepName, ingest_dataset
from citylake.pipelines.flow.dataset_outcome import collect_results, record_results
from citylake.pipelines.flow.dataset_steps import audit_step, commit_step
from citylake.pipelines.flow.hold_rows import close_decided_rows
from citylake.pipelines.flow.meaning_check import hold_mixed_meanings
from citylake.pipelines.flow.replay_dataset import stage_joint_batch
from citylake.pipelines.flow.replay_sources import open_replayed
from citylake.pipelines.flow.sealed_access import ask_for_sealed
from citylake.pipelines.flow.step_state import StepState
from citylake.pipelines.lake.ledger.held_records import HeldBatch
from citylake.pipelines.read.receipt_records import load_receipts
from citylake.pipelines.records import BatchResult, PipelineBatch, Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import Problem

NEVER_WAIVED = frozenset({"STAGED_ROWS_DIFFER", "AUDIT_COLUMN_UNKNOWN", "VALUES_NOT_RECORDED", "ROWS_NOT_CONSERVED"})
"""The lake has counted wrongly, or the contract names what does not exist: no person can know that rows are right."""


def release_held(context: RunContext, contract: Contract, held: HeldBatch, who: str, why: str) -> list[BatchResult]:
    """Read the batch's receipts again with its gates waived, and commit them; held again if that is not possible."""
    return ingest_dataset(context, contract, _Release(held, who, why).steps())


def waived_contract(contract: Contract) -> Contract:
    """The contract with every gate that holds a whole batch set to report, as far as rows can be made without it."""
    drift = contract.drift
    modes = {"added": "report", "missing": "report", "renamed": "report", "categories": "report"}
    eased = {name: mode for name, mode in modes.items() if getattr(drift, name) == "hold"}
    if drift.retyped == "hold":
        eased["retyped"] = "quarantine"
    write = contract.write.model_copy(update={"replace_min": 0.0})
    return contract.model_copy(update={"drift": drift.model_copy(update=eased), "write": write})


@dataclass(slots=True)
class _Release:
    held: HeldBatch
    who: str
    why: str
    known: int = 0
    """The greatest number of the receipts that the ledger had when the release began."""
    waived: list[str] = field(default_factory=list)
    """The codes of what was waived."""

    def steps(self) -> Mapping[StepName, DatasetStep]:
        return {
            **DATASET_STEPS,
            "pull": DatasetStep(self._select, always=True),
            "parse": DatasetStep(self._open),
            "conform": DatasetStep(self._conform),
            "audit": DatasetStep(self._audit),
            "commit": DatasetStep(self._commit, record=self._record),
        }

    def _select(self, context: RunContext, contract: Contract, state: StepState) -> None:
        begin_dataset(context, contract)
        self.known = context.ledger.newest_receipt_number(contract.dataset)
        state.save("pull", list[Receipt], list(load_receipts(context.ledger, self.held.receipts)))

    def _open(self, context: RunContext, contract: Contract, state: StepState) -> None:
        receipts = state.load("pull", list[Receipt])
        ask_for_sealed(context, "release", contract.dataset, receipts)
        state.save_sources(open_replayed(context, contract, receipts, state.scratch()))

    def _conform(self, context: RunContext, contract: Contract, state: StepState) -> None:
        name = self._identity(context, contract, state.load("pull", list[Receipt]))
        found = stage_joint_batch(context, waived_contract(contract), state.sources(), name, self._free)
        declared = contract_fingerprint(contract, context.registry)
        state.save("conform", list[PipelineBatch], [_declared(found, declared)] if found else [])

    def _identity(self, context: RunContext, contract: Contract, receipts: list[Receipt]) -> str:
        """The id under which it was held, if a run would still give it that one."""
        declared = contract_fingerprint(contract, context.registry)
        done = context.ledger.committed_batches(contract.dataset)["batch"].to_list()
        if self.held.fingerprint == declared and self.held.batch not in done:
            return self.held.batch
        return batch_id(receipts, contract, declared, last_batch_id(context, contract))

    def _audit(self, context: RunContext, contract: Contract, state: StepState) -> None:
        batches = [self._free(audit_step(context, contract, batch)) for batch in state.batches("conform")]
        state.save("audit", list[PipelineBatch], batches)

    def _free(self, batch: PipelineBatch) -> PipelineBatch:
        """A batch that was stopped with its rows staged is free again, unless the lake or the contract is wrong."""
        result = batch.result
        codes = {problem.code for problem in result.problems}
        if result.status != "held" or batch.staged is None or codes & NEVER_WAIVED:
            return batch
        stops = holding_problems(result)
        self.waived += sorted({problem.code for problem in stops} - set(self.waived))
        rest = tuple(problem for problem in result.problems if problem not in stops)
        return replace(batch, result=replace(result, status="staged", problems=rest))

    def _commit(self, context: RunContext, contract: Contract, state: StepState) -> None:
        audited = hold_mixed_meanings(context, contract, state.batches("audit"))
        eased = waived_contract(contract)
        batches = [commit_step(context, eased, batch, overtaking=self.known) for batch in audited]
        state.save("commit", list[PipelineBatch], batches)

    def _record(self, context: RunContext, contract: Contract, state: StepState) -> None:
        """A batch that could not be released is held as before: its rows are in the quarantine already."""
        results = [self._told(result) for result in collect_results(context, contract, state)]
        record_results(context, contract, state, results)
        close_decided_rows(context, contract)

    def _told(self, result: BatchResult) -> BatchResult:
        dataset, batch = self.held.dataset, self.held.batch
        if result.status == "committed":
            values = {"dataset": dataset, "batch": batch, "codes": ", ".join(self.waived) or "—"}
            told = Problem("HELD_RELEASED", {**values, "user": self.who, "why": self.why})
            return replace(result, problems=(*result.problems, told))
        if result.status != "held":
            return result
        codes = ", ".join(dict.fromkeys(problem.code for problem in result.problems)) or "—"
        stays = Problem("HELD_NOT_RELEASED", {"dataset": dataset, "batch": batch, "codes": codes})
        return replace(result, batch=batch, problems=(*result.problems, stays))


def _declared(batch: PipelineBatch, fingerprint: str) -> PipelineBatch:
    """The batch as one of the declared contract: its rows are those of the contract, only the gates differ."""
    staged = batch.staged and replace(batch.staged, fingerprint=fingerprint)
    return replace(batch, result=replace(batch.result, fingerprint=fingerprint), staged=staged)
