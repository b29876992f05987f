"""The result of an expectation suite, without Great Expectations' own classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """The result of one expectation."""

    kind: str
    subject: str
    """The column or columns, or the description of a SQL expectation; empty for a table expectation."""
    severity: Literal["critical", "warning", "info"]
    success: bool
    observed: str


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The result of a dataset's suite. ``success``: no critical expectation failed."""

    dataset: str
    success: bool
    statistics: Mapping[str, int | float]
    judgements: tuple[ExpectationResult, ...]
    index_html: str
    """Path of the index page of its Data Docs."""
