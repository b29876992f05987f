"""Caches documents for a few seconds, so that many readers cause no more queries than one."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

CachedAnswer = TypeVar("CachedAnswer")


class AnswerCache:
    """Caches the last ``most`` answers for ``seconds`` each. A lock allows one query of the lake at a time."""

    def __init__(self, seconds: float = 5.0, most: int = 64, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.most, self._clock = seconds, most, clock
        self._answers: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()

    def get(self, question: Hashable, ask: Callable[[], CachedAnswer]) -> CachedAnswer:
        """Return the cached answer, or call ``ask`` if there is none or it has expired."""
        with self._lock:
            at, answer = self._answers.get(question, (float("-inf"), None))
            if self._clock() - at >= self.seconds:
                answer = ask()
                self._answers.pop(question, None)
                self._answers[question] = (self._clock(), answer)
                while len(self._answers) > self.most:
                    del self._answers[next(iter(self._answers))]
            known: CachedAnswer = answer
            return known
