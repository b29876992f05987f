"""A time limit for calls that have none of their own: name resolution, drivers of databases, file systems."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def answer_within(limit_s: float, call: Callable[[], T]) -> T:
    """The result of ``call``; raises TimeoutError after ``limit_s`` seconds.

    The call then goes on in its thread, which nothing waits for, also not the end of the process: what it uses must
    not be used again, and not be closed.
    """
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="citylake-call", daemon=True)
    thread.start()
    thread.join(max(0.0, min(limit_s, threading.TIMEOUT_MAX)))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError(f"no answer within {limit_s:g} s")
    return found[0]


def limited(limit_s: Callable[[], float], function: Callable[..., T]) -> Callable[..., T]:
    """``function`` with :func:`answer_within`; the limit is computed at each call."""

    def call(*arguments: Any, **options: Any) -> T:
        return answer_within(limit_s(), lambda: function(*arguments, **options))

    return call
