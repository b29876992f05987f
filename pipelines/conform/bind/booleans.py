"""Indicators: two values, in the words of the source."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn

_TRUE = ("1", "true", "yes", "y", "t", "是", "有")
_FALSE = ("0", "false", "no", "n", "f", "否", "无")


def boolean_expr(bound: BoundColumn) -> pl.Expr:
    """Boolean; any other word is unreadable."""
    own = bool(bound.binding.true or bound.binding.false)
    text = pl.col(bound.text) if own else pl.col(bound.text).str.to_lowercase()
    yes, no = (bound.binding.true, bound.binding.false) if own else (_TRUE, _FALSE)
    return pl.when(text.is_in(list(yes))).then(True).when(text.is_in(list(no))).then(False)  # noqa: FBT003 (a value, not a flag)
