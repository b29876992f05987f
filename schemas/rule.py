"""Rules of a contract that reach over several fields, rows or tables."""

from __future__ import annotations

from schemas.declaration import Column, Declaration, Identifier, Text
from schemas.issue import IssueCode, Severity


class Rule(Declaration):
    """``when`` is a SQL condition over standard columns; where it is true, the row has the issue."""

    issue: IssueCode
    when: str
    severity: Severity = "error"
    text: Text | None = None


class Reference(Declaration):
    """Values of ``columns`` should exist in ``keys`` of another dataset's standard table."""

    columns: tuple[Column, ...]
    dataset: Identifier
    keys: tuple[Column, ...]
    severity: Severity = "warning"
