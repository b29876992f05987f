"""A module whose ``datetime.now`` is a year from now: what is past its retention then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any
from unittest import mock


class _FarClock(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + timedelta(days=365)


@contextmanager
def far_clock(module: ModuleType) -> Iterator[None]:
    """Let a module see the time of a year from now."""
    with mock.patch.object(module, "datetime", _FarClock):
        yield
