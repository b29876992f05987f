"""Seconds of a run by kind of work, summed over all workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

WorkKind = Literal["read", "parse", "typing", "rules", "hashing", "waiting", "writing", "refusing", "repeats"]


class WorkTimings:
    """Seconds by kind of work. With several workers their sum exceeds the elapsed time."""

    def __init__(self) -> None:
        self._seconds: dict[WorkKind, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def on(self, work: WorkKind) -> Iterator[None]:
        """Add the time of the ``with`` block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self._seconds[work] = self._seconds.get(work, 0.0) + time.perf_counter() - start

    def seconds(self) -> dict[str, float]:
        """Seconds so far, the largest first."""
        with self._lock:
            ordered = sorted(self._seconds.items(), key=lambda item: -item[1])
        return {work: round(seconds, 3) for work, seconds in ordered}
