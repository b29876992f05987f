"""A time limit for SQL: DuckDB has none of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_AGAIN_S = 0.2


class TimeLimit:
    """What :func:`interrupt_after` yields."""

    def __init__(self) -> None:
        self.exceeded = False
        """Whether the time is over; what runs on the connection raises an error then."""


@contextmanager
def interrupt_after(connection: duckdb.DuckDBPyConnection, limit_s: float) -> Iterator[TimeLimit]:
    """Interrupt whatever runs on ``connection`` after ``limit_s`` seconds, until the block ends.

    An interrupt between two statements has no effect, so it is repeated.
    """
    limit, done = TimeLimit(), threading.Event()

    def watch() -> None:
        wait_s = min(limit_s, threading.TIMEOUT_MAX)
        while not done.wait(wait_s):
            limit.exceeded, wait_s = True, _AGAIN_S
            connection.interrupt()

    watcher = threading.Thread(target=watch, name="citylake-sql-limit", daemon=True)
    watcher.start()
    try:
        yield limit
    finally:
        done.set()
        watcher.join()
