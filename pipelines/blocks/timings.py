"""Where the time of a run goes: seconds by kind of work, added up over all workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

WorkKind = Literal["read", "parse", "typing", "rules", "hashing", "waiting", "raw", "writing", "refusing", "repeats"]


class WorkTimings:
    """Seconds by kind of work. With several workers they sum to more than has passed."""

    def __init__(self) -> None:
        self._seconds: dict[WorkKind, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def on(self, work: WorkKind) -> Iterator[None]:
        """Add the time that the block takes."""
        start = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self._seconds[work] = self._seconds.get(work, 0.0) + time.perf_counter() - start

    def seconds(self) -> dict[str, float]:
        """What was spent so far, the largest part first."""
        with self._lock:
            ordered = sorted(self._seconds.items(), key=lambda item: -item[1])
        return {work: round(seconds, 3) for work, seconds in ordered}
