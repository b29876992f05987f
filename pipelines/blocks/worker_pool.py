"""Several threads over blocks, with a section that runs in the order of the blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class WorkerStoppedError(Exception):
    """Another worker has failed; its error is the one to raise."""


class TurnSequencer:
    """Admits block ``n`` once every block before it has passed."""

    def __init__(self) -> None:
        self._next, self._stopped, self._changed = 0, False, threading.Condition()

    def wait(self, number: int) -> SequencerTurn:
        """Wait for the turn of ``number``, which lasts to the end of its context. Raises WorkerStoppedError."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._next == number)
            if self._stopped:
                raise WorkerStoppedError
        return SequencerTurn(self)

    def pass_on(self) -> None:
        """End the current turn."""
        with self._changed:
            self._next += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Grant no further turn."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class SequencerTurn:
    """A granted turn."""

    turns: TurnSequencer

    def __enter__(self) -> None:
        """The turn was granted by ``wait``."""

    def __exit__(self, *_: object) -> None:
        self.turns.pass_on()


class WorkerPool(Generic[T]):
    """Workers that each take the next item until none are left."""

    def __init__(self, items: Iterator[T], workers: int) -> None:
        self.turns = TurnSequencer()
        self._items, self._workers, self._lock = enumerate(items), workers, threading.Lock()
        self._failed = False

    def run(self, work: Callable[[int, int, T], None]) -> None:
        """Call ``work`` with the worker's number, the item's number and the item; raises the first worker's error."""
        with ThreadPoolExecutor(self._workers, "citylake") as threads:
            done = [threads.submit(self._worker, number, work) for number in range(self._workers)]
        errors = [error for future in done if (error := future.exception()) is not None]
        for error in errors:
            if not isinstance(error, WorkerStoppedError):
                raise error

    def _worker(self, worker: int, work: Callable[[int, int, T], None]) -> None:
        try:
            while (taken := self._taken()) is not None:
                work(worker, *taken)
        except BaseException:
            self._failed = True
            self.turns.stop()
            raise

    def _taken(self) -> tuple[int, T] | None:
        with self._lock:
            return None if self._failed else next(self._items, None)
