"""The precision that a date or time was written with: year, month, day, hour, minute or second."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.time_values import date_expr, datetime_expr
from citylake.schemas.notation.time_format import format_precision, split_formats


def precision_expr(bound: BoundColumn) -> pl.Expr:
    """The precision of the first format that reads the text; null if none does."""
    read = date_expr if bound.element.type == "date" else datetime_expr
    found: pl.Expr = pl.lit(None, pl.String)
    for form in reversed(split_formats(bound.binding.format or "")):
        fits = read(bound.with_format(form)).is_not_null()
        found = pl.when(fits).then(pl.lit(format_precision(form))).otherwise(found)
    return found.alias(f"{bound.column}_precision")
