"""The steps of one dataset, in order, and the one way in which each of them runs.

``citylake run`` runs them one after another and keeps the results in memory; a scheduler runs each in a process of its
own and keeps them in the lake. Everything else is the same: progress, seconds, failures, and ledger rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.begin_dataset import begin_dataset
from citylake.pipelines.flow.complete_acts import complete_acts
from citylake.pipelines.flow.dataset_outcome import close_failure, record_failure, record_outcome, settle_sources
from citylake.pipelines.flow.pull_step import pull_step
from citylake.pipelines.flow.step_state import MemoryStepState, StepState
from citylake.pipelines.flow.table_check import check_table_version
from citylake.pipelines.flow.work_mark import WorkMark
from citylake.pipelines.records import BatchResult, PipelineBatch, Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.contained_faults import is_contained
from citylake.schemas.words.errors import CitylakeError

StepName = Literal["pull", "parse", "conform", "audit", "commit", "settle"]
StepFunction = Callable[[RunContext, Contract, StepState], None]


def _pull(context: RunContext, contract: Contract, state: StepState) -> None:
    check_table_version(context, contract)
    # A task that runs again keeps what its first attempt carried out: the days of a released batch are reported later.
    state.save("acts", list[BatchResult], [*state.acts(), *complete_acts(context, contract)])
    begin_dataset(context, contract)
    state.save("pull", list[Receipt], pull_step(context, contract))


def _parse(context: RunContext, contract: Contract, state: StepState) -> None:
    from citylake.pipelines.flow.poison_files import held_receipts
    from citylake.pipelines.parse.parse_receipt import open_receipts, unread_rows

    if state.mark is not None and state.mark.unfinished:
        from citylake.pipelines.flow.unfinished_commits import complete_commits

        complete_commits(context, contract, state.mark.unfinished)
    received = [receipt for receipt in state.load("pull", list[Receipt]) if receipt.status == "received"]
    held = held_receipts(context, contract, received, state.mark)
    read = [receipt for receipt in received if receipt.id not in held]
    sources = open_receipts(read, contract, context.lake, state.scratch(), context.budget, locale=context.locale)
    sources += [
        unread_rows(receipt, held[receipt.id], context.lake, context.budget)
        for receipt in received
        if receipt.id in held
    ]
    state.save_sources(sources)


def _conform(context: RunContext, contract: Contract, state: StepState) -> None:
    from citylake.pipelines.flow.dataset_steps import conform_step

    state.save("conform", list[PipelineBatch], conform_step(context, contract, state.sources()))


def _audit(context: RunContext, contract: Contract, state: StepState) -> None:
    from citylake.pipelines.flow.dataset_steps import audit_step
    from citylake.pipelines.flow.split_batch import split_held

    audited = [audit_step(context, contract, batch) for batch in state.batches("conform")]
    held = any(batch.result.status == "held" for batch in audited)
    sources = state.sources() if held else ()
    batches = [each for batch in audited for each in split_held(context, contract, batch, sources)]
    state.save("audit", list[PipelineBatch], batches)


def _commit(context: RunContext, contract: Contract, state: StepState) -> None:
    from citylake.pipelines.flow.dataset_steps import commit_step
    from citylake.pipelines.flow.meaning_check import hold_mixed_meanings
    from citylake.pipelines.flow.split_batch import commit_by_receipt
    from citylake.pipelines.flow.unfinished_commits import note_commits

    audited = hold_mixed_meanings(context, contract, state.batches("audit"))
    note_commits(context, contract, audited)
    done = [commit_step(context, contract, batch) for batch in audited]
    held = any(batch.result.status == "held" for batch in done)
    sources = state.sources() if held else ()
    batches = [each for batch in done for each in commit_by_receipt(context, contract, batch, sources)]
    state.save("commit", list[PipelineBatch], batches)


def _record(context: RunContext, contract: Contract, state: StepState) -> None:
    record_outcome(context, contract, state)
    if state.has_news():
        from citylake.pipelines.flow.unfinished_commits import forget_commits

        forget_commits(context, contract, state.results())


def _settle(context: RunContext, contract: Contract, state: StepState) -> None:
    settle_sources(context, contract, state.results())
    if state.durable:
        close_failure(context, contract)
    state.clear()


@dataclass(frozen=True, slots=True)
class DatasetStep:
    """``work`` of a step; ``always``: it is done even if the pull received nothing new."""

    work: StepFunction
    always: bool = False
    record: StepFunction | None = None
    """Runs after ``work``, whether or not there was anything new; its time is not part of the step's seconds."""


DATASET_STEPS: Mapping[StepName, DatasetStep] = {
    "pull": DatasetStep(_pull, always=True),
    # With nothing new, these four load no further module: most datasets of an hourly run have no news.
    "parse": DatasetStep(_parse),
    "conform": DatasetStep(_conform),
    "audit": DatasetStep(_audit),
    "commit": DatasetStep(_commit, record=_record),
    "settle": DatasetStep(_settle, always=True),
}


@dataclass(slots=True)
class Conductor:
    """Runs the steps of one dataset; ``state`` carries the results from one step to the next."""

    context: RunContext
    contract: Contract
    state: StepState
    steps: Mapping[StepName, DatasetStep] = field(default_factory=lambda: DATASET_STEPS)
    failures: list[BatchResult] = field(default_factory=list)

    def run(self, name: StepName) -> None:
        """Run one step. A failure is recorded in the ledger, reported to the run's watch, and raised again."""
        step = self.steps[name]
        clock = StepClock(self.state.seconds())
        try:
            if step.always or self.state.has_news():
                if not step.always:
                    self._begin_mark()
                self.context.tell(self.contract.dataset, name)
                with clock.measure(name):
                    step.work(self.context, self.contract, self.state)
                if name != "settle":
                    self.state.save("seconds", dict[str, float], clock.seconds)
            if step.record:
                step.record(self.context, self.contract, self.state)
            if self.state.durable:
                self.context.ledger.flush()
        except BaseException as error:
            if not is_contained(error):
                raise
            # Nothing was done if the result of an earlier step does not exist: a task of a finished run was cleared.
            if not (isinstance(error, CitylakeError) and error.code == "STEP_STATE_MISSING"):
                self._record_failure(name, error, clock)
            raise
        finally:
            if self.state.durable or name == "commit":
                self.state.end_mark()

    def _begin_mark(self) -> None:
        if self.state.mark is None:
            mark = WorkMark(self.context.lake, self.contract.dataset, self.context.run.id)
            mark.begin()
            self.state.mark = mark

    def results(self) -> list[BatchResult]:
        """The recorded outcome, the failure of a step included."""
        return [*self.state.acts(), *self.state.results(), *self.failures]

    def _record_failure(self, name: StepName, error: BaseException, clock: StepClock) -> None:
        flush = self.state.durable
        failed = record_failure(self.context, self.contract, error, clock.seconds, flush=flush)
        self.failures.append(failed)
        if name != "settle":  # by then, the watch knows the outcome of the dataset
            self.context.watch.dataset_ends(self.context, self.contract, [failed])


@dataclass(slots=True)
class StepClock:
    """Seconds by step; a step that runs again counts once, with its last attempt."""

    seconds: dict[str, float]

    @contextmanager
    def measure(self, step: str) -> Iterator[None]:
        """Measure the block, whether or not it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds = {**self.seconds, step: time.perf_counter() - start}


def ingest_dataset(
    context: RunContext, contract: Contract, steps: Mapping[StepName, DatasetStep] = DATASET_STEPS
) -> list[BatchResult]:
    """Run all steps in this process: one result per batch, at least one in all. A failure is a result, too."""
    with MemoryStepState() as state:
        conductor = Conductor(context, contract, state, steps)
        try:
            for name in steps:
                conductor.run(name)
        except BaseException as error:
            # The conductor has logged and recorded the failure; the other datasets of the run go on.
            if not is_contained(error):
                raise
        return conductor.results()
