"""Corrections of values: a text, or every text that matches an expression, is replaced wherever it stands in a field.

A text is corrected once: what a correction makes is not corrected again. A literal comes before expressions, and of
several expressions that match the newest counts. An empty text and no text are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from polars.exceptions import ComputeError

from citylake.pipelines.blocks.arrow_arrays import indices_to_numpy
from citylake.pipelines.blocks.block import EncodedColumn

_GROUP = re.compile(r"\\[0-9]|\\g<")


@dataclass(frozen=True, slots=True)
class ValueCorrection:
    """The text ``new`` (None: no value) in place of ``old``, which is an expression if ``pattern``."""

    act: str
    pattern: bool
    old: str | None
    new: str | None


ValueCorrections = Mapping[str, Sequence[ValueCorrection]]
"""By source field, the newest first."""


def value_corrections(values: pl.DataFrame) -> dict[str, list[ValueCorrection]]:
    """The corrections by field, from the decisions in force."""
    found: dict[str, list[ValueCorrection]] = {}
    for row in values.iter_rows(named=True):
        one = ValueCorrection(row["act_id"], row["match"] == "pattern", row["old"], row["new"])
        found.setdefault(row["field"], []).append(one)
    return found


def pattern_problem(pattern: str, new: str | None = None) -> str | None:
    """Why a correction by an expression cannot be used; None if it can.

    Its time is linear in the text: there is no look-around. ``new`` is a text, not a template.
    """
    if found := _GROUP.search(new or ""):
        return f"the new value refers to a group of the expression ({found.group()})"
    try:
        # Alone, too: "a)|(?:b" would be whole only within the group.
        for tried in (pattern, _whole(pattern)):
            pl.Series([""]).str.contains(tried)
    except ComputeError as error:
        return " ".join(str(error).split())
    return None


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


def chosen_correction(text: pl.Expr, corrections: Sequence[ValueCorrection]) -> pl.Expr:
    """The index (Int32) of the correction that changes each text; null if none does."""
    literal: dict[str, int] = {}
    for number, each in enumerate(corrections):
        if not each.pattern:
            literal.setdefault(each.old or "", number)
    none = pl.lit(None, pl.Int32)
    filled = text.fill_null("")
    found = filled.replace_strict(literal, default=None, return_dtype=pl.Int32) if literal else none
    tests = [
        pl.when((filled != "") & filled.str.contains(_whole(each.old or ""))).then(pl.lit(number, pl.Int32))
        for number, each in enumerate(corrections)
        if each.pattern
    ]
    found = pl.coalesce(found, *tests) if tests else found
    return pl.when(_new_text(found, text, corrections).fill_null("") != filled).then(found).otherwise(none)


def corrected_text(text: pl.Expr, corrections: Sequence[ValueCorrection]) -> pl.Expr:
    """Each text as it is after the corrections."""
    return _new_text(chosen_correction(text, corrections), text, corrections)


def _new_text(chosen: pl.Expr, text: pl.Expr, corrections: Sequence[ValueCorrection]) -> pl.Expr:
    news = {number: each.new for number, each in enumerate(corrections)}
    made = chosen.replace_strict(news, default=None, return_dtype=pl.String)
    return pl.when(chosen.is_not_null()).then(made).otherwise(text)


def correct_column(
    column: EncodedColumn, corrections: Sequence[ValueCorrection]
) -> tuple[EncodedColumn, dict[str, int]]:
    """The column of a block after the corrections, and the rows that each act changed.

    Each distinct text is asked once.
    """
    texts = pl.DataFrame({"text": pl.Series(column.values, dtype=pl.String)})
    text = pl.col("text")
    asked = texts.select(
        chosen_correction(text, corrections).alias("chosen"), corrected_text(text, corrections).alias("new")
    )
    chosen = asked["chosen"].fill_null(-1).to_numpy()
    if (chosen < 0).all():
        return column, {}
    rows = np.bincount(column.at, minlength=len(chosen))
    counts: dict[str, int] = {}
    for place in np.flatnonzero(chosen >= 0):
        act = corrections[chosen[place]].act
        counts[act] = counts.get(act, 0) + int(rows[place])
    return _encode_again(asked["new"], column.at), {act: count for act, count in counts.items() if count}


def _encode_again(texts: pl.Series, at: np.ndarray) -> EncodedColumn:
    """Two texts may have become one: the values of a block's column are distinct."""
    plain: pa.Array = texts.rechunk().to_arrow().cast(pa.string())
    found = plain.dictionary_encode("encode")
    return EncodedColumn(found.dictionary, indices_to_numpy(found.indices, 0).take(at))
