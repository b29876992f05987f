"""A rule over one row: where its expression is true, the row has the issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.schemas.model.issue_type import Severity

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class RowRule:
    """``broken`` is Boolean: true breaks the rule; false and null (unknown) do not.

    ``value`` is the text that is shown to people, ``detail`` more words for them; both may be null.
    """

    code: str
    field: str
    broken: pl.Expr
    severity: Severity = "error"
    value: pl.Expr | None = None
    detail: pl.Expr | None = None
    detail_text: str = ""
