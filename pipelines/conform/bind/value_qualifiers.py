"""The sign beside a number: written with it (``<0.01``, ``未检出``), in another field, or as a detection limit."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.source_texts import joined_source_expr, part_expr
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding_words import NumberWord, QualifierFrom

NOT_DETECTED = r"^\s*(未检出|ND|nd|N\.D\.)\s*$"
_SIGNS = {"<": "<", ">": ">", "≤": "≤", "≥": "≥", "<=": "≤", ">=": "≥", "＜": "<", "＞": ">", "=": ""}


def qualifier_column(bound: BoundColumn) -> str:
    """The column for the sign that a value was written with."""
    return f"{bound.column}_qualifier"


def qualifier_expr(bound: BoundColumn) -> pl.Expr:
    """``<``, ``>``, ``≤``, ``≥``, ``ND`` or the sign of a word; null if the value has none."""
    text = part_expr(bound, joined_source_expr(bound)).str.strip_chars()
    signs = {
        word: number.qualifier
        for word, number in bound.binding.words.items()
        if isinstance(number, NumberWord) and number.qualifier
    }
    found = [text.replace_strict(signs, default=None, return_dtype=pl.String)] if signs else []
    if isinstance(bound.binding.qualifier, QualifierFrom):
        found += _signs_beside(bound, bound.binding.qualifier, text)
    if bound.binding.qualifier:
        found += _written_signs(text)
    sign = pl.coalesce(found)
    return pl.when(sign != "").then(sign).alias(qualifier_column(bound))


def _written_signs(text: pl.Expr) -> list[pl.Expr]:
    """``<0.01``; ``0.01L`` is ``<0.01``; ``未检出`` is ``ND``."""
    sign = text.str.extract(r"^([<>≤≥＜＞])").str.replace("＜", "<").str.replace("＞", ">")
    suffix = pl.when(text.str.contains(r"\d\s*[Ll]$")).then(pl.lit("<"))
    return [sign, suffix, pl.when(text.str.contains(NOT_DETECTED)).then(pl.lit("ND"))]


def _signs_beside(bound: BoundColumn, qualifier: QualifierFrom, text: pl.Expr) -> list[pl.Expr]:
    known = _SIGNS | qualifier.names
    found = []
    if qualifier.field:
        flag = pl.col(RAW_PREFIX + qualifier.field).str.strip_chars()
        found.append(flag.replace_strict(known, default=None, return_dtype=pl.String))
    limit = detection_limit_expr(bound)
    if limit is not None:
        empty = text.is_null() | text.is_in(["", *bound.sentinels]) | text.str.contains(NOT_DETECTED)
        found.append(pl.when(empty & limit.is_not_null()).then(pl.lit("<")))
    return found


def detection_limit_expr(bound: BoundColumn) -> pl.Expr | None:
    """The text of the detection limit in the row; None if the binding has no field for it."""
    qualifier = bound.binding.qualifier
    if not isinstance(qualifier, QualifierFrom) or not qualifier.limit:
        return None
    limit = pl.col(RAW_PREFIX + qualifier.limit).str.strip_chars()
    return pl.when(~limit.is_in(["", *bound.sentinels])).then(limit)


def qualifier_unknown_rule(bound: BoundColumn, field: str, names: dict[str, str]) -> RowRule:
    """QUALIFIER_UNKNOWN: the row's flag has no sign in the contract."""
    flag = pl.col(RAW_PREFIX + field).str.strip_chars()
    known = ["", *_SIGNS, *names]
    return RowRule("QUALIFIER_UNKNOWN", bound.column, ~flag.is_in(known), value=flag, detail_text=field)
