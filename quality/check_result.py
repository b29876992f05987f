"""The result of one table-level check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from citylake.schemas.words.errors import Problem
from citylake.schemas.words.issue_type import QualityDimension

DIMENSIONS: tuple[QualityDimension, ...] = get_args(QualityDimension)
"""The quality dimensions, in the order in which they are shown."""
DIMENSION_BY_NAME: tuple[tuple[str, QualityDimension], ...] = (
    (r"rows\.staged|reference\b|totals\b|intervals\b|VERIFY_", "consistency"),
    (r"rows\b|completeness\b|not_null\b|days_present\b", "completeness"),
    (r"all_refused|quarantine_share", "conformity"),
    (r"unique\b", "uniqueness"),
    (r"freshness|day_freshness", "timeliness"),
    (r"future_times|shift\b", "accuracy"),
)
"""Patterns of the names of checks; the first that matches at the beginning decides."""
_TABLE = re.compile(r"^\w+: ")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check. A failed check of severity ``error`` holds the batch; one of severity ``warning`` is only reported.

    ``dimension``: by default, that of the check's name.
    """

    name: str
    passed: bool
    severity: Literal["error", "warning"]
    observed: str
    expected: str
    problem: Problem | None = None
    dimension: QualityDimension | None = None

    def __post_init__(self) -> None:
        if self.dimension is None:
            object.__setattr__(self, "dimension", check_dimension(self.name))

    @property
    def holds(self) -> bool:
        """Whether the check failed and holds the batch or the version."""
        return not self.passed and self.severity == "error"


def check_dimension(name: str) -> QualityDimension:
    """Return the dimension of a check by its name; a declared check of a mart is one of accuracy.

    Lakes of earlier versions did not record it.
    """
    plain = _TABLE.sub("", name)
    return next((dimension for pattern, dimension in DIMENSION_BY_NAME if re.match(pattern, plain)), "accuracy")
