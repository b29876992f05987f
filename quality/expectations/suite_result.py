"""What came of a suite, without Great Expectations' own classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """One expectation: what it says, whether it held, and what was seen."""

    kind: str
    subject: str
    """The column, the columns, or the words of a SQL expectation; empty for the table."""
    severity: Literal["critical", "warning", "info"]
    success: bool
    observed: str


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """A dataset's suite, judged. ``success``: no critical expectation failed."""

    dataset: str
    success: bool
    statistics: Mapping[str, int | float]
    judgements: tuple[ExpectationResult, ...]
    index_html: str
    """The first page of its Data Docs."""
