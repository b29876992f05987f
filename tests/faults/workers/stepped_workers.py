"""Workers of one dataset in threads of one process, of which exactly one runs: a random choice says which.

A worker stops before and after every transaction, reservation of the lake's clock and step. There it waits for its next
turn, or is killed: what it had not yet stored is lost, as by SIGKILL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import count
from pathlib import Path
from random import Random

import pytest

from citylake.pipelines.commit import delta_transaction
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow import work_mark
from citylake.pipelines.flow.conductor import DATASET_STEPS, Conductor
from citylake.pipelines.flow.step_state import MemoryStepState
from citylake.pipelines.lake.lake_clock import LakeClock
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.ledger_table import LedgerTable
from citylake.pipelines.records import BatchResult
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import Registry

_registry = lru_cache(1)(load_valid_registry)
_local = threading.local()
_LIVING: set[str] = set()
_numbers = count()
PLACES = (
    (delta_transaction, "_try_commit"),
    (delta_transaction, "is_batch_committed"),
    (LakeClock, "reserve"),
    (LedgerTable, "append"),
)
"""Where a worker stops, before and after the call."""


@dataclass(slots=True, eq=False)
class Worker:
    """One run of a dataset for the days ``window`` (None: all), in a thread of its own."""

    name: str
    work: Callable[[], list[BatchResult]]
    results: list[BatchResult] = field(default_factory=list)
    error: BaseException | None = None
    over: bool = False
    killed: bool = False
    serial: str = field(default_factory=lambda: f"worker {next(_numbers)}")
    _turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _thread: threading.Thread | None = None

    def step(self) -> None:
        """Let it run to its next stop, or to its end."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._turn.release()
        self._back.acquire()

    def kill(self) -> None:
        """End it where it stands."""
        self.killed = True
        if self._thread is None:
            self.over = True
        else:
            self.step()

    def stop(self) -> None:
        """Wait for the next turn; called in its own thread."""
        self._back.release()
        self._turn.acquire()
        if self.killed:
            # Nothing contains it, and nothing is recorded: the next thing that the lake hears is another worker.
            raise KeyboardInterrupt

    def _run(self) -> None:
        self._turn.acquire()
        _local.worker = self
        _LIVING.add(self.serial)
        try:
            self.results = self.work()
        except BaseException as error:
            self.error = error
        _LIVING.discard(self.serial)
        self.over = True
        self._back.release()


def stop_here() -> None:
    """Wait for the next turn, if a worker runs this."""
    worker = getattr(_local, "worker", None)
    if worker is not None and not worker.killed:
        worker.stop()


@contextmanager
def stopping_workers() -> Iterator[None]:
    """Workers stop at every place of ``PLACES``."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in PLACES:
            patch.setattr(owner, name, _stopping(getattr(owner, name)))
        # All of them are one process to the lake, which asks whether the process of a mark runs.
        patch.setattr(work_mark, "_began", lambda _pid: getattr(getattr(_local, "worker", None), "serial", ""))
        patch.setattr(work_mark.Mark, "alive", property(lambda mark: mark.began in _LIVING))
        yield


def _stopping(inner: Callable[..., object]) -> Callable[..., object]:
    def outer(*given: object, **named: object) -> object:
        stop_here()
        found = inner(*given, **named)
        stop_here()
        return found

    return outer


@dataclass(frozen=True, slots=True)
class WorkerLake:
    """A workspace, a lake, and the runs of its datasets."""

    workspace: Path
    url: str

    @property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(self.url)

    def registry(self) -> Registry:
        """The declarations, which no story changes."""
        return _registry(self.workspace)

    def worker(self, name: str, dataset: str, window: date | None = None) -> Worker:
        """A worker that runs the dataset for a day, or for all."""
        return Worker(name, lambda: self.ingest(dataset, window))

    def ingest(self, dataset: str, window: date | None = None) -> list[BatchResult]:
        """What ``citylake run --dataset`` does with the dataset."""
        registry, run = self.registry(), new_run(window, window)
        ledger = Ledger(self.lake)
        context = RunContext(registry, self.lake, ledger, run, run_variables(registry, run))
        with MemoryStepState() as state:
            conductor = Conductor(context, registry.contracts[dataset], state)
            for name in DATASET_STEPS:
                stop_here()
                conductor.run(name)
            results = conductor.results()
        ledger.flush()
        return results


@dataclass(slots=True)
class Crew:
    """Does jobs, at most ``at_once`` at a time, in a random order and interleaving; ``kills`` of the workers die.

    The job of a killed worker is done again by another one. ``events`` happen at random moments, in order.
    """

    random: Random
    waiting: list[Callable[[], Worker]]
    events: list[Callable[[], None]]
    at_once: int
    kills: int
    done: list[Worker] = field(default_factory=list)
    """The workers that came to their end."""
    _running: list[tuple[Worker, Callable[[], Worker]]] = field(default_factory=list)

    def work(self) -> None:
        """Do all jobs; every event has happened in the end."""
        while self.waiting or self._running:
            if self.events and self.random.random() < 0.04:
                self.events.pop(0)()
            while self.waiting and len(self._running) < self.at_once:
                job = self.waiting.pop(self.random.randrange(len(self.waiting)))
                self._running.append((job(), job))
            self._let_one_run(self.random.choice(self._running))
        for event in self.events:
            event()

    def _let_one_run(self, chosen: tuple[Worker, Callable[[], Worker]]) -> None:
        worker, job = chosen
        if self.kills and self.random.random() < 0.03:
            self.kills -= 1
            worker.kill()
        else:
            self._step(worker, self.random.choice((1, 1, 1, 2, 4, 8)))
        if worker.over:
            self._running.remove(chosen)
            if worker.killed:
                self.waiting.append(job)
            else:
                self.done.append(worker)

    def _step(self, worker: Worker, stops: int) -> None:
        for _ in range(stops):
            worker.step()
            if worker.over:
                return
