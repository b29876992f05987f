"""The source's own text of a column: one field, several that are joined, a constant, or a part of a packed field."""

from __future__ import annotations

import re
from string import Formatter

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.quality.rules.row_rule import RowRule


def source_text_expr(bound: BoundColumn) -> pl.Expr:
    """The source's own text, shown with an issue."""
    fields = [pl.col(RAW_PREFIX + field) for field in bound.fields]
    if not fields:
        return joined_source_expr(bound)
    return fields[0] if len(fields) == 1 else pl.concat_str(fields, separator=" ", ignore_nulls=True)


def joined_source_expr(bound: BoundColumn) -> pl.Expr:
    """The text of the column's fields, joined if they are several, or its constant."""
    binding = bound.binding
    if binding.constant is not None:
        constant = binding.constant
        return pl.lit(str(constant).lower() if isinstance(constant, bool) else str(constant))
    if binding.join:
        return join_template(binding.join)
    fields = [pl.col(RAW_PREFIX + field) for field in bound.fields]
    return fields[0] if len(fields) == 1 else pl.concat_str(fields, separator=" ")


def join_template(template: str) -> pl.Expr:
    """The text of a template over source fields; null if one of them is."""
    parts: list[pl.Expr] = []
    for literal, field, _, _ in Formatter().parse(template):
        parts += [pl.lit(literal)] if literal else []
        parts += [pl.col(RAW_PREFIX + field).str.strip_chars()] if field else []
    return pl.concat_str(parts)


def part_expr(bound: BoundColumn, text: pl.Expr) -> pl.Expr:
    """The part of a packed field that is the column's value; null if the text has no such part."""
    split = bound.binding.split
    if split is None:
        return text
    if split.pattern is not None:
        return text.str.extract(split.pattern, re.compile(split.pattern).groupindex[split.group or ""])
    parts = text.str.split(split.by or "")
    part = parts.list.get(split.part, null_on_oob=True)
    return part if split.of is None else pl.when(parts.list.len() == split.of).then(part)


def part_missing_rule(bound: BoundColumn) -> RowRule:
    """PART_MISSING: a text without the part that the binding reads; it is never null."""
    source = joined_source_expr(bound)
    said = ~source.str.strip_chars().is_in(["", *bound.sentinels])
    split = bound.binding.split
    expected = (split.pattern or f"{split.by}" + (f" × {split.of}" if split.of else "")) if split else ""
    return RowRule("PART_MISSING", bound.column, said & part_expr(bound, source).is_null(), detail_text=expected)
