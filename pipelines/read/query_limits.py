"""How much time and memory a query may take."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from citylake.pipelines.blocks.memory_budget import DEFAULT_MEMORY, parse_memory_size
from citylake.pipelines.lake.duckdb_timeout import TimeLimit, interrupt_after
from citylake.pipelines.read.query_gate import not_allowed
from citylake.schemas.words.errors import CitylakeError

_REFUSED = ("the configuration has been locked", "attached in read-only mode", "extension httpfs")
"""Words of DuckDB's errors that stand for what it refuses, and have no class of their own."""


def _default_memory() -> int:
    return parse_memory_size(os.environ.get("CITYLAKE_MEMORY") or DEFAULT_MEMORY)


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """``timeout_s``: for the statement and its rows; ``memory``: bytes of the engine, which spills to disk above it."""

    timeout_s: float = 600.0
    memory: int = field(default_factory=_default_memory)

    def settings(self) -> str:
        """SQL that sets the memory."""
        return f"SET memory_limit = '{self.memory}B'"

    @contextmanager
    def told(self, connection: duckdb.DuckDBPyConnection, mart: str) -> Iterator[TimeLimit]:
        """Limit the time of what runs in the block.

        Raises QUERY_TIMED_OUT, QUERY_OUT_OF_MEMORY, QUERY_NOT_ALLOWED, and QUERY_FAILED for any other error of DuckDB.
        """
        with interrupt_after(connection, self.timeout_s) as limit:
            try:
                yield limit
            except duckdb.Error as error:
                raise self._error(error, mart, limit) from error

    def timed_out(self, mart: str) -> CitylakeError:
        """The error for a query whose time is over."""
        return CitylakeError("QUERY_TIMED_OUT", mart=mart, limit_s=f"{self.timeout_s:g}")

    def _error(self, error: duckdb.Error, mart: str, limit: TimeLimit) -> CitylakeError:
        if limit.exceeded:
            return self.timed_out(mart)
        if isinstance(error, duckdb.OutOfMemoryException):
            reason = str(error).partition("\n")[0]
            return CitylakeError("QUERY_OUT_OF_MEMORY", mart=mart, memory_mb=self.memory // 1_000_000, reason=reason)
        if isinstance(error, duckdb.PermissionException) or any(words in str(error) for words in _REFUSED):
            return not_allowed(mart, str(error).partition("\n")[0], "engine")
        return CitylakeError("QUERY_FAILED", mart=mart, reason=str(error))


NO_TIME_LIMIT_S = threading.TIMEOUT_MAX
"""For a caller who can interrupt the query himself."""
