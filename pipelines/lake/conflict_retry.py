"""Further attempts of a Delta transaction that lost to another commit of the same table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from deltalake.exceptions import CommitFailedError

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.schemas.words.errors import CitylakeError

COMMIT_ATTEMPTS = 24

T = TypeVar("T")


def conflict_attempts() -> Iterator[Any]:
    """Yield context managers of up to ``COMMIT_ATTEMPTS`` attempts. A conflict in one leads to the next.

    The iterator ends without an error after the last one.
    """
    try:
        # A merge of a large table can take minutes, so that only the attempts are limited, not their time.
        yield from retry_attempts(
            CommitFailedError, attempts=COMMIT_ATTEMPTS, timeout=None, wait_initial=0.05, wait_max=2.0
        )
    except CommitFailedError:
        return


def retry_conflicts(root: str, work: Callable[[], T]) -> T:
    """Call ``work`` until it meets no conflict at the table ``root``. Raises COMMIT_CONFLICT."""
    for attempt in conflict_attempts():
        with attempt:
            return work()
    raise conflict_error(root)


def conflict_error(table: str) -> CitylakeError:
    """Return COMMIT_CONFLICT for the table."""
    return CitylakeError("COMMIT_CONFLICT", table=table, attempts=COMMIT_ATTEMPTS)
