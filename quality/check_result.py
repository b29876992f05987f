"""The result of one table-level check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from citylake.schemas.words.errors import Problem


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check. A failed check of severity ``error`` holds the batch; one of severity ``warning`` is only reported."""

    name: str
    passed: bool
    severity: Literal["error", "warning"]
    observed: str
    expected: str
    problem: Problem | None = None
