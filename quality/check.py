"""A table-level expectation, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.faults import Problem


@dataclass(frozen=True, slots=True)
class Check:
    """``passed`` false with severity ``error`` holds the batch."""

    name: str
    passed: bool
    severity: Literal["error", "warning"]
    observed: str
    expected: str
    problem: Problem | None = None
