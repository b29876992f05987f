"""Which number style a column's values prove: only texts that can mean one thing count as evidence.

``12,5`` and ``0,125`` prove a decimal comma, ``1,234,567`` and ``1,234.5`` prove groups of thousands; ``1,234`` alone
proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
import pyarrow as pa  # noqa: TC002 (polars and Arrow are loaded anyway)

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.clean_text import own_text_expr
from citylake.pipelines.conform.bind.number_notation import fold_number_signs
from citylake.pipelines.conform.bind.number_style import NumberStyle, other_style_pattern
from citylake.schemas.words.errors import Problem

_G = "[1-9][0-9]{0,2}"
_BODY = r"^\(?¥?\s*[+-]?\s*((?:[0-9]|[.,][0-9])[0-9.,' ]*?)\s*-?\)?\s*(?:[^\s0-9()+\-.,'¥]\S*(?:\s\S+)*)?$"
_SHAPES = {
    "decimal,": rf"^[0-9]*,[0-9]+$|^{_G}(?:[.' ][0-9]{{3}})+,[0-9]+$",
    "decimal.": rf"^[0-9]*\.[0-9]+$|^{_G}(?:[,' ][0-9]{{3}})+\.[0-9]+$",
    "group,": rf"^{_G}(?:,[0-9]{{3}}){{2,}}(?:\.[0-9]*)?$|^{_G}(?:,[0-9]{{3}})+\.[0-9]+$"
    r"|^[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?$",
    "group.": rf"^{_G}(?:\.[0-9]{{3}}){{2,}}(?:,[0-9]*)?$|^{_G}(?:\.[0-9]{{3}})+,[0-9]+$",
    "group ": rf"^{_G}(?: [0-9]{{3}}){{2,}}(?:[.,][0-9]*)?$|^{_G}(?: [0-9]{{3}})+[.,][0-9]+$",
    "open,": rf"^{_G},[0-9]{{3}}$",
    "open.": rf"^{_G}\.[0-9]{{3}}$",
    "zeros.": rf"^{_G}\.000$",
    "plain": "^[0-9]+$",
}


LEAST_PROOFS = 0.05
"""Texts that prove a decimal comma, as a share of those that may be thousands, from which the comma is decimal."""


class NumberStyleUndecidedError(Exception):
    """A block has numbers in a style that only the whole column can decide: the batch is read again with it."""


def require_decided_styles(worked: pl.DataFrame, bounds: Sequence[BoundColumn]) -> None:
    """Raise NumberStyleUndecidedError if an undecided column has a text that may be a number in another style."""
    for bound in bounds:
        if not bound.is_number or bound.style.decided or bound.text not in worked.columns:
            continue
        text = worked[bound.text]
        doubt = text.filter(worked[bound.column].is_null()).str.contains(other_style_pattern(bound.style))
        if bound.element.type == "integer":
            doubt = doubt.append(text.str.ends_with(".000"))
        if doubt.any():
            raise NumberStyleUndecidedError


@dataclass(slots=True)
class StyleEvidence:
    """What the distinct texts of one column prove: the number of texts by shape, and an example of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, texts: pl.Series) -> None:
        """Count distinct texts by shape."""
        body = fold_number_signs(texts).str.extract(_BODY, 1)
        frame = pl.DataFrame({"text": texts, "body": body})
        opened = pl.any_horizontal(pl.col("body").str.contains(_SHAPES[f"open{sign}"]) for sign in ",.")
        for shape, pattern in _SHAPES.items():
            fits = pl.col("body").str.contains(pattern)
            found = frame.filter(fits & ~opened if shape.startswith("decimal") else fits)
            if found.height:
                self.counts[shape] += found.height
                self.examples.setdefault(shape, found["text"][0])

    def decide(self, style: NumberStyle, *, whole: bool) -> NumberStyle:
        """The column's style. ``whole``: the element has whole numbers, so that ``1.000`` may be a thousand."""
        shown = style if style.declared else self._proven()
        doubtful = "".join(sign for sign in ",." if self._contradicts(sign, shown, whole=whole))
        return replace(shown, doubtful=doubtful, decided=True)

    def _proven(self) -> NumberStyle:
        count = self.counts
        if count["decimal,"] > max(count["decimal."], count["group,"]):
            return NumberStyle(",", self._first_group(". "))
        if count["group."] and not (count["decimal."] or count["group,"]):
            return NumberStyle(",", ".")
        return NumberStyle(".", self._first_group(", "))

    def _first_group(self, signs: str) -> str | None:
        return next((sign for sign in signs if self.counts[f"group{sign}"]), None)

    def _contradicts(self, sign: str, style: NumberStyle, *, whole: bool) -> bool:
        """Whether texts prove another use of ``sign`` than the style's, so that one group of three is ambiguous."""
        decimal, group = self.counts[f"decimal{sign}"], self.counts[f"group{sign}"]
        if sign == style.thousands:
            return decimal > group if style.declared else decimal > 0
        if sign != style.decimal:
            return False
        thousand = whole and sign == "." and self.counts["zeros."] > 0 and self.counts["plain"] > 0 and not decimal
        if style.declared:
            return thousand or group > decimal
        # One slip of the keyboard must not turn a column of thousands into decimals.
        rare = sign == "," and decimal < LEAST_PROOFS * self.counts["open,"]
        return thousand or rare or group > 0


def decide_number_styles(
    blocks: Iterable[Mapping[str, pa.Array]], bounds: Sequence[BoundColumn]
) -> tuple[list[BoundColumn], dict[str, StyleEvidence]]:
    """The columns with the styles that all ``blocks`` (distinct texts by source field) prove, and the evidence."""
    found = {bound.column: StyleEvidence() for bound in bounds if bound.is_number and _has_one_field(bound)}
    by_column = {bound.column: bound for bound in bounds}
    for fields in blocks:
        for column, evidence in found.items():
            bound = by_column[column]
            if bound.fields[0] in fields:
                evidence.add(_cleaned_texts(bound, fields[bound.fields[0]]))
    return [_decided(bound, found.get(bound.column)) for bound in bounds], found


def _has_one_field(bound: BoundColumn) -> bool:
    return len(bound.fields) == 1 and not bound.binding.join


def _decided(bound: BoundColumn, evidence: StyleEvidence | None) -> BoundColumn:
    whole = bound.element.type == "integer"
    style = evidence.decide(bound.style, whole=whole) if evidence else replace(bound.style, decided=True)
    return replace(bound, style=style)


def _cleaned_texts(bound: BoundColumn, values: pa.Array) -> pl.Series:
    frame = pl.DataFrame({RAW_PREFIX + bound.fields[0]: pl.Series(values, dtype=pl.String)})
    return frame.select(own_text_expr(bound).alias("text")).to_series().drop_nulls().unique()


def proven_style_notices(
    dataset: str, bounds: Sequence[BoundColumn], evidence: Mapping[str, StyleEvidence]
) -> list[Problem]:
    """NUMBER_STYLE_PROVEN for every column whose style only its values state."""
    return [
        Problem("NUMBER_STYLE_PROVEN", {"dataset": dataset, "column": bound.column, **_proof(bound, evidence)})
        for bound in bounds
        if not bound.style.declared and (bound.style.decimal, bound.style.thousands) != (".", None)
    ]


def _proof(bound: BoundColumn, evidence: Mapping[str, StyleEvidence]) -> dict[str, str]:
    style, shown = bound.style, evidence[bound.column].examples
    example = shown.get(f"group{style.thousands}") or shown.get(f"decimal{style.decimal}") or ""
    words = [f'decimal: "{style.decimal}"'] if style.decimal == "," else []
    words += [f'thousands: "{style.thousands}"'] if style.thousands else []
    return {"example": example, "suggestion": ", ".join(words)}
