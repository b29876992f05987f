"""Attempts by stamina, which is imported at the first failure: most work succeeds at once, and many runs are short."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

RetryOn = type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], bool | float]
_quieted: list[bool] = []


def retry_attempts(on: RetryOn, **policy: Any) -> Iterator[AbstractContextManager[Any]]:
    """Yield context managers, one for each attempt, as ``stamina.retry_context(on, **policy)`` does.

    The first attempt counts as one of them. Raises the error of the last one.
    """
    first = _FirstAttempt(on)
    yield first
    failed, first.error = first.error, None
    if failed is None:
        return
    for attempt in _stamina().retry_context(on=on, **policy):
        if failed is None:
            yield attempt
            continue
        error, failed = failed, None
        with attempt:
            raise error


def quiet_retries() -> None:
    """Do not report retries: one that succeeds changes nothing, and the final failure is raised."""
    logging.getLogger("stamina").setLevel(logging.ERROR)
    _quieted[:] = [True]


def _stamina() -> Any:
    import stamina

    if _quieted or not _structlog_is_configured():
        from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

        # If structlog is installed, stamina would log through it and ignore the level of its own log.
        set_on_retry_hooks([LoggingOnRetryHook])
    return stamina


def _structlog_is_configured() -> bool:
    """Where it is not, structlog prints on standard output, which belongs to the calling program."""
    try:
        import structlog
    except ImportError:
        return False
    return structlog.is_configured()


@dataclass(slots=True)
class _FirstAttempt:
    """Keeps an error that may be retried; any other is raised."""

    on: RetryOn
    error: Exception | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or not self._matches(error):
            return False
        self.error = error
        return True

    def _matches(self, error: Exception) -> bool:
        if isinstance(self.on, type | tuple):
            return isinstance(error, self.on)
        # A number is the seconds to wait, of which 0 is as good as any other.
        return self.on(error) is not False
