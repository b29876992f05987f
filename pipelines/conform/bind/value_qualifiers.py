"""The sign beside a number: written with it (``<0.01``, ``未检出``), in another field, or as a detection limit."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.source_texts import joined_source_expr, part_expr
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding_words import NumberWord, QualifierFrom

NOT_DETECTED = r"^\s*(未检出|ND|nd|N\.D\.)\s*$"
_SIGNS = {"<": "<", ">": ">", "≤": "≤", "≥": "≥", "<=": "≤", ">=": "≥", "＜": "<", "＞": ">", "=": ""}
_ABOVE, _BELOW = (">", "≥"), ("<", "≤", "ND")


def qualifier_column(bound: BoundColumn) -> str:
    """The column for the sign that a value was written with."""
    return f"{bound.column}_qualifier"


def qualifier_expr(bound: BoundColumn) -> pl.Expr:
    """``<``, ``>``, ``≤``, ``≥``, ``ND`` or the sign of a word; null if the value has none."""
    text = _own_text(bound)
    signs = {
        word: number.qualifier
        for word, number in bound.binding.words.items()
        if isinstance(number, NumberWord) and number.qualifier
    }
    found = [text.replace_strict(signs, default=None, return_dtype=pl.String)] if signs else []
    limit = detection_limit_expr(bound)
    if limit is not None:
        found.append(pl.when(_has_no_number(bound, text) & limit.is_not_null()).then(pl.lit("<")))
    if bound.binding.qualifier:
        found += [_written_sign(text), _sign_beside(bound)]
    return pl.coalesce(found).alias(qualifier_column(bound))


def _own_text(bound: BoundColumn) -> pl.Expr:
    return part_expr(bound, joined_source_expr(bound)).str.strip_chars()


def _written_sign(text: pl.Expr) -> pl.Expr:
    """``<0.01``; ``0.01L`` and ``0.01U`` are ``<0.01``; ``未检出`` is ``ND``."""
    sign = text.str.extract(r"^([<>≤≥＜＞])").str.replace("＜", "<").str.replace("＞", ">")
    suffix = pl.when(text.str.contains(r"\d\s*[LlUu]$")).then(pl.lit("<"))
    return pl.coalesce(sign, suffix, pl.when(text.str.contains(NOT_DETECTED)).then(pl.lit("ND")))


def _sign_beside(bound: BoundColumn) -> pl.Expr:
    """The sign that the row's flag stands for; null if that is none."""
    qualifier = bound.binding.qualifier
    if not isinstance(qualifier, QualifierFrom) or not qualifier.field:
        return pl.lit(None, pl.String)
    flag = pl.col(RAW_PREFIX + qualifier.field).str.strip_chars()
    sign = flag.replace_strict(_SIGNS | qualifier.names, default=None, return_dtype=pl.String)
    return pl.when(sign != "").then(sign)


def _has_no_number(bound: BoundColumn, text: pl.Expr) -> pl.Expr:
    return text.is_null() | text.is_in(["", *bound.sentinels]) | text.str.contains(NOT_DETECTED)


def detection_limit_expr(bound: BoundColumn) -> pl.Expr | None:
    """The row's detection limit, unless its flag says that the value is above one; None without such a field."""
    qualifier = bound.binding.qualifier
    if not isinstance(qualifier, QualifierFrom) or not qualifier.limit:
        return None
    limit = pl.col(RAW_PREFIX + qualifier.limit).str.strip_chars()
    above = _sign_beside(bound).is_in(_ABOVE).fill_null(value=False)
    return pl.when(~limit.is_in(["", *bound.sentinels]) & ~above).then(limit)


def qualifier_rules(bound: BoundColumn, field: str, names: dict[str, str]) -> Iterator[RowRule]:
    """QUALIFIER_UNKNOWN: the row's flag has no sign in the contract. QUALIFIER_CONTRADICTS: the value has another."""
    flag = pl.col(RAW_PREFIX + field).str.strip_chars()
    known = ["", *_SIGNS, *names]
    yield RowRule("QUALIFIER_UNKNOWN", bound.column, ~flag.is_in(known), value=flag, detail_text=field)
    written, beside = _written_sign(_own_text(bound)), _sign_beside(bound)
    apart = (written.is_in(_ABOVE) & beside.is_in(_BELOW)) | (written.is_in(_BELOW) & beside.is_in(_ABOVE))
    yield RowRule("QUALIFIER_CONTRADICTS", bound.column, apart, detail=flag)
