"""Further attempts of a Delta transaction that lost to another commit of the same table."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from deltalake.exceptions import CommitFailedError

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.schemas.words.errors import CitylakeError

log = logging.getLogger(__name__)
COMMIT_ATTEMPTS = 24
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
"""The longest waits: about as long as a small commit takes on an object store, then twice as long each time."""
_noting: ContextVar[tuple[Counter[str], ...]] = ContextVar("noting", default=())

T = TypeVar("T")


def conflict_attempts() -> Iterator[Any]:
    """Yield context managers of up to ``COMMIT_ATTEMPTS`` attempts. A conflict in one leads to the next.

    The iterator ends without an error after the last one.
    """
    tries = 0

    def wait_s(error: Exception) -> bool | float:
        # Any time up to the limit: writers that met once, and wait equally long, meet again.
        limit = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (tries - 1))
        return isinstance(error, CommitFailedError) and random.uniform(0, limit)

    try:
        # A merge of a large table can take minutes, so that only the attempts are limited, not their time.
        for attempt in retry_attempts(wait_s, attempts=COMMIT_ATTEMPTS, timeout=None):
            tries += 1
            yield attempt
    except CommitFailedError:
        return


def retry_conflicts(root: str, work: Callable[[], T]) -> T:
    """Call ``work`` until it meets no conflict at the table ``root``. Raises COMMIT_CONFLICT."""
    for number, attempt in enumerate(conflict_attempts()):
        with attempt:
            if number:
                note_conflict(root)
            return work()
    raise conflict_error(root)


def conflict_error(table: str) -> CitylakeError:
    """Return COMMIT_CONFLICT for the table."""
    return CitylakeError("COMMIT_CONFLICT", table=table, attempts=COMMIT_ATTEMPTS)


@contextmanager
def noted_conflicts() -> Iterator[Counter[str]]:
    """Count how often commits are planned again in the block because another one came first, by the table's path."""
    met: Counter[str] = Counter()
    token = _noting.set((*_noting.get(), met))
    try:
        yield met
    finally:
        _noting.reset(token)


def note_conflict(root: str) -> None:
    """A commit of the table at ``root`` is planned again."""
    for met in _noting.get():
        met[root] += 1
    log.info("%s: another commit came first; planned again", root)
