"""An issue type: one kind of fault, who can fix it, and its message."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from citylake.schemas.base.declaration import Declaration, LocalizedText

IssueCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Severity = Literal["error", "warning", "info"]
Dimension = Literal[
    "accuracy", "completeness", "conformity", "consistency", "integrity", "timeliness", "uniqueness", "none"
]

QualityDimension = Literal["completeness", "conformity", "timeliness", "uniqueness", "consistency", "accuracy"]
"""The dimensions by which checks are counted. References that do not hold are a matter of consistency."""


class IssueType(Declaration):
    """``text`` may hold ``{placeholders}``; they are named where the issue is raised."""

    code: IssueCode
    scope: Literal["row", "batch", "source", "declaration", "usage", "run"]
    severity: Severity
    responsible: Literal["supplier", "lake"]
    dimension: Dimension
    title: LocalizedText | None = None
    """A few words for tables and charts."""
    text: LocalizedText
    advice: LocalizedText
    advice_alone: LocalizedText | None = None
    """What to do if there is nothing to propose, so that ``{suggestion}`` would be empty."""
