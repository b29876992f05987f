"""A row rule: a row for which its expression is true has the issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.schemas.words.issue_type import Severity

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class RowRule:
    """``broken`` is Boolean: the rule is broken if it is true, not if it is false or null (unknown).

    ``value`` is the text shown in messages, ``detail`` an explanation that depends on the row, ``detail_text`` a
    constant one. The results of ``value`` and ``detail`` can be null.

    ``field`` is a column, or a source field if ``by_source``. ``over``: the columns that a condition names; it is
    unknown where one of them was refused. ``refuses``: the columns whose values are refused; none: the row.
    """

    code: str
    field: str
    broken: pl.Expr
    severity: Severity = "error"
    value: pl.Expr | None = None
    detail: pl.Expr | None = None
    detail_text: str = ""
    by_source: bool = False
    over: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()

    @property
    def refuses_row(self) -> bool:
        """Whether a row that breaks the rule is quarantined."""
        return self.severity == "error" and not self.refuses
