"""From source fields to one cleaned text per column: joins, constants, sentinels, and artefacts of Excel."""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.identifier_texts import pad_number
from citylake.pipelines.conform.bind.invisible_characters import visible_text
from citylake.schemas.model.binding import CleanStep

_NOT_DETECTED = r"^\s*(未检出|ND|nd|N\.D\.)\s*$"


def clean_text_expr(bound: BoundColumn) -> pl.Expr:
    """The column's text: null if the source has no value or a sentinel for none."""
    source = _source_expr(bound)
    if bound.holds_text:
        source = visible_text(source, remove=bound.invisible == "remove")
    text = _clean_source(source.str.replace(_NOT_DETECTED, "") if bound.binding.qualifier else source, bound)
    if bound.binding.qualifier:
        text = text.str.replace(r"^\s*[<>≤≥＜＞]\s*", "").str.replace(r"\s*[LlUu]\s*$", "")
    if bound.pad and bound.holds_text:
        text = pad_number(text, bound.pad)
    return text.alias(bound.text)


def qualifier_column(bound: BoundColumn) -> str:
    """The column for the sign that a value was written with."""
    return f"{bound.column}_qualifier"


def qualifier_expr(bound: BoundColumn) -> pl.Expr:
    """``<``, ``>``, ``≤``, ``≥`` if the value was written with one; ``0.01L`` is ``<0.01``, ``未检出`` is ``ND``."""
    text = _source_expr(bound).str.strip_chars()
    sign = text.str.extract(r"^([<>≤≥＜＞])").str.replace("＜", "<").str.replace("＞", ">")
    suffix = pl.when(text.str.contains(r"\d\s*[Ll]$")).then(pl.lit("<"))
    absent = pl.when(text.str.contains(_NOT_DETECTED)).then(pl.lit("ND"))
    return pl.coalesce(sign, suffix, absent).alias(qualifier_column(bound))


def source_text_expr(bound: BoundColumn) -> pl.Expr:
    """The source's own text, shown with an issue."""
    fields = [pl.col(RAW_PREFIX + field) for field in bound.fields]
    if not fields:
        return _source_expr(bound)
    return fields[0] if len(fields) == 1 else pl.concat_str(fields, separator=" ", ignore_nulls=True)


def _source_expr(bound: BoundColumn) -> pl.Expr:
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


def _clean_source(text: pl.Expr, bound: BoundColumn) -> pl.Expr:
    for step in bound.binding.clean:
        text = _clean_step(step, text)
    return trim_text(text, bound.sentinels)


def trim_text(text: pl.Expr, sentinels: Sequence[str]) -> pl.Expr:
    """Text without surrounding white space; null if it is empty or a sentinel."""
    short = text.str.strip_chars()
    return pl.when(~short.is_in(["", *sentinels])).then(short)


def _clean_step(step: CleanStep, text: pl.Expr) -> pl.Expr:
    match step:
        case "fullwidth":
            return text.str.normalize("NFKC")
        case "thousands":
            return text.str.replace_all(r"[,，](\d{3})", "${1}")
        case "percent":
            return text.str.replace(r"\s*[%％]\s*$", "")
        case "upper":
            return text.str.to_uppercase()
        case "excel":
            return text.str.replace(r'^="(.*)"$', "${1}").str.replace(r"^'", "").str.strip_chars("\t")
