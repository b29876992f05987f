"""Rules of a contract over several fields, rows or tables."""

from __future__ import annotations

from operator import not_
from typing import Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Identifier, LocalizedText
from citylake.schemas.words.issue_type import IssueCode, Severity


class ContractRule(Declaration):
    """``when`` is a SQL condition over standard columns; where it is true, the row has the issue.

    ``refuse``: the columns whose values are then refused, instead of the row.
    """

    issue: IssueCode
    when: str
    severity: Severity = "error"
    refuse: tuple[ColumnName, ...] = Field((), exclude_if=not_)
    text: LocalizedText | None = None

    @model_validator(mode="after")
    def _refuses_by_error(self) -> Self:
        if self.refuse and self.severity != "error":
            raise ValueError("a rule that refuses values has severity error")
        return self


class ReferenceRule(Declaration):
    """Values of ``columns`` should exist in ``keys`` of another dataset's standard table.

    ``share``: the least share of rows with a match; by default each row must have one.
    """

    columns: tuple[ColumnName, ...]
    dataset: Identifier
    keys: tuple[ColumnName, ...]
    severity: Severity = "warning"
    share: float = Field(1.0, ge=0, le=1, exclude_if=lambda value: value == 1.0)
