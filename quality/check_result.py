"""A table-level expectation, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from citylake.schemas.words.errors import Problem


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``passed`` false with severity ``error`` holds the batch."""

    name: str
    passed: bool
    severity: Literal["error", "warning"]
    observed: str
    expected: str
    problem: Problem | None = None
