"""A machine whose clock is wrong: what the project's modules read from the clock is moved; the real clock is not."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Any
from unittest.mock import patch

from citylake import pipelines

NOT_IN_RUNS = tuple(f"citylake.pipelines.{name}" for name in ("onboard", "pull.connectors.database", "serve", "silo"))
"""What no run over files or web services imports: half of the time that importing everything takes."""


class _AnyInstant(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class _MovedDatetime(datetime, metaclass=_AnyInstant):
    """Makes ordinary instants; only ``now`` differs."""

    offset = timedelta()

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        return datetime.__new__(datetime, *arguments, **named)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + cls.offset


@contextmanager
def clock_off_by(offset: timedelta) -> Iterator[None]:
    """Within the block, ``datetime.now`` and ``time.time`` of every citylake module are off by ``offset``."""
    _load_modules()
    real, real_ns = time.time, time.time_ns
    _MovedDatetime.offset = offset
    with ExitStack() as stack:
        for name, loaded in list(sys.modules.items()):
            if name.startswith("citylake.") and vars(loaded).get("datetime") is datetime:
                stack.enter_context(patch.object(loaded, "datetime", _MovedDatetime))
        stack.enter_context(patch.object(time, "time", lambda: real() + offset.total_seconds()))
        moved_ns = offset // timedelta(microseconds=1) * 1000
        stack.enter_context(patch.object(time, "time_ns", lambda: real_ns() + moved_ns))
        yield


@cache
def _load_modules() -> None:
    """Import what a run would import later: a module's ``datetime`` can be replaced once it is loaded."""
    for found in pkgutil.walk_packages(pipelines.__path__, "citylake.pipelines."):
        if not found.name.endswith("__main__") and not found.name.startswith(NOT_IN_RUNS):
            with suppress(ImportError):
                importlib.import_module(found.name)
