"""What another run does at a chosen point of this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def once_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, other: Callable[[], object]) -> None:
    """Run ``other`` before the first call of the function."""
    real, waiting = getattr(module, name), [other]

    def call(*arguments: Any, **options: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, call)
