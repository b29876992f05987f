"""Flags: what the source says about each value, kept beside it, or the reason to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding import ValueFlag


def flag_column(bound: BoundColumn) -> str:
    """The column for the flag of a value."""
    return f"{bound.column}_flag"


def flag_expr(bound: BoundColumn, flag: ValueFlag) -> pl.Expr:
    """The flag as the source wrote it, or its name; null if there is none."""
    text = _flag_text(flag)
    named = text.replace(flag.names) if flag.names else text
    return pl.when(named != "").then(named).alias(flag_column(bound))


def flag_rules(bounds: Sequence[BoundColumn]) -> Iterator[RowRule]:
    """FLAG_REFUSED and FLAG_UNKNOWN for values with a flag; where there is no value, there is nothing to refuse."""
    for bound in bounds:
        if bound.binding.flag is None:
            continue
        flag, told = bound.binding.flag, _flag_text(bound.binding.flag)
        given = pl.col(f"_asked.{bound.column}" if bound.binding.lookup else bound.text).is_not_null()
        known = ["", *flag.accept, *flag.refuse]
        yield RowRule("FLAG_REFUSED", bound.column, given & told.is_in(list(flag.refuse)), detail=told)
        yield RowRule("FLAG_UNKNOWN", bound.column, given & ~told.is_in(known), detail=told)


def _flag_text(flag: ValueFlag) -> pl.Expr:
    return pl.col(RAW_PREFIX + flag.field).str.strip_chars().fill_null("")
