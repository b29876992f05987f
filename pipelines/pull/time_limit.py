"""A time limit for calls that have none of their own: name resolution, drivers of databases, file systems."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def answer_within(limit_s: float, call: Callable[[], T], late: Callable[[], object] | None = None) -> T:
    """The result of ``call``; raises TimeoutError after ``limit_s`` seconds.

    The call then goes on in its thread, which nothing waits for, also not the end of the process: what it uses must
    not be used again, and not be closed; ``late`` does that in the thread, should the call return after all.
    """
    given_up = threading.Event()
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as error:
            failed.append(error)
        if late and given_up.is_set():
            with suppress(Exception):
                late()

    thread = threading.Thread(target=run, name="citylake-call", daemon=True)
    thread.start()
    thread.join(max(0.0, min(limit_s, threading.TIMEOUT_MAX)))
    if failed:
        raise failed[0]
    if not found:
        given_up.set()
        raise TimeoutError(f"no answer within {limit_s:g} s")
    return found[0]
