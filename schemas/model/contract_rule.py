"""Rules of a contract over several fields, rows or tables."""

from __future__ import annotations

from citylake.schemas.base.declaration import ColumnName, Declaration, Identifier, LocalizedText
from citylake.schemas.words.issue_type import IssueCode, Severity


class ContractRule(Declaration):
    """``when`` is a SQL condition over standard columns; where it is true, the row has the issue."""

    issue: IssueCode
    when: str
    severity: Severity = "error"
    text: LocalizedText | None = None


class ReferenceRule(Declaration):
    """Values of ``columns`` should exist in ``keys`` of another dataset's standard table."""

    columns: tuple[ColumnName, ...]
    dataset: Identifier
    keys: tuple[ColumnName, ...]
    severity: Severity = "warning"
