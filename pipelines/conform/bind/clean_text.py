"""From source fields to one cleaned text per column: parts, words, sentinels, and artefacts of Excel."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.identifier_texts import pad_number
from citylake.pipelines.conform.bind.invisible_characters import visible_text
from citylake.pipelines.conform.bind.number_notation import ARABIC_DECIMAL, ascii_digits
from citylake.pipelines.conform.bind.point_texts import point_coordinate
from citylake.pipelines.conform.bind.source_texts import joined_source_expr, part_expr
from citylake.pipelines.conform.bind.value_qualifiers import NOT_DETECTED, detection_limit_expr
from citylake.schemas.model.binding import CleanStep
from citylake.schemas.model.binding_words import NumberWord


def clean_text_expr(bound: BoundColumn) -> pl.Expr:
    """The column's text: null if the source has no value or a sentinel for none."""
    text, limit = own_text_expr(bound), detection_limit_expr(bound)
    if bound.pad and bound.holds_text:
        text = pad_number(text, bound.pad)
    return (text if limit is None else pl.coalesce(text, limit)).alias(bound.text)


def own_text_expr(bound: BoundColumn) -> pl.Expr:
    """The text of the column's own fields, without a detection limit in another one."""
    source = part_expr(bound, joined_source_expr(bound))
    if bound.holds_text:
        source = visible_text(source, remove=bound.invisible == "remove")
    text = _clean_source(source.str.replace(NOT_DETECTED, "") if bound.binding.qualifier else source, bound)
    if bound.binding.words:
        text = text.replace(*_number_words(bound))
    if bound.binding.qualifier:
        text = text.str.replace(r"^\s*[<>≤≥＜＞]\s*", "").str.replace(r"(\d)\s*[LlUu]\s*$", "${1}")
    return text


def _number_words(bound: BoundColumn) -> tuple[pl.Series, pl.Series]:
    """The words of the binding, and their numbers as texts that are read in every style."""
    values = [word.value if isinstance(word, NumberWord) else word for word in bound.binding.words.values()]
    texts = [f"{value:.15g}" for value in values]
    texts = texts if bound.style.point_is_decimal else [text.replace(".", ARABIC_DECIMAL) for text in texts]
    return pl.Series(list(bound.binding.words), dtype=pl.String), pl.Series(texts, dtype=pl.String)


def _clean_source(text: pl.Expr, bound: BoundColumn) -> pl.Expr:
    if bound.binding.point:
        longitude = "longitude" in bound.element.symbol
        text = point_coordinate(text, bound.binding.point, longitude=longitude, sentinels=bound.sentinels)
    for step in bound.binding.clean:
        text = _fold_width(text) if bound.is_number and step == "fullwidth" else _clean_step(step, text)
    return trim_text(text, bound.sentinels)


def _fold_width(text: pl.Expr) -> pl.Expr:
    """Full-width digits as ASCII; a superscript or circled digit marks a note, and stays what it is."""
    wide = text.str.contains(r"[\x{FF01}-\x{FF5E}]") & ~text.str.contains(r"\p{No}")
    return pl.when(wide).then(text.str.normalize("NFKC")).otherwise(text)


def trim_text(text: pl.Expr, sentinels: Sequence[str]) -> pl.Expr:
    """Text without surrounding white space; null if it is empty or a sentinel."""
    short = text.str.strip_chars()
    return pl.when(~short.is_in(["", *sentinels])).then(short)


def _clean_step(step: CleanStep, text: pl.Expr) -> pl.Expr:
    match step:
        case "fullwidth":
            return text.str.normalize("NFKC")
        case "digits":
            return ascii_digits(text)
        case "thousands" | "accounting":
            return text
        case "percent":
            return text.str.replace(r"\s*[%％]\s*$", "")
        case "upper":
            return text.str.to_uppercase()
        case "excel":
            return text.str.replace(r'^="(.*)"$', "${1}").str.replace(r"^'", "").str.strip_chars("\t")
