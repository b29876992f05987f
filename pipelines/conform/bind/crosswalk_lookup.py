"""Crosswalks: a source's own names become values of an element before they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from unicodedata import normalize

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.read.registry import Registry


def translate_text(text: pl.Expr, words: Mapping[str, str]) -> pl.Expr:
    """The entry of ``words`` for each text; null if there is none."""
    # Texts of a source are in NFC.
    words = {normalize("NFC", word): value for word, value in words.items()}
    old, new = pl.Series(words.keys(), dtype=pl.String), pl.Series(words.values(), dtype=pl.String)
    return text.replace_strict(old, new, default=None, return_dtype=pl.String)


def apply_crosswalk(frame: FrameT, bound: BoundColumn, registry: Registry) -> tuple[FrameT, RowRule]:
    """Map ``bound.text`` by the binding's crosswalk; a name that is not in it breaks LOOKUP_UNKNOWN."""
    crosswalk = registry.crosswalks[bound.binding.lookup or ""]
    asked = f"_asked.{bound.column}"
    joined = frame.with_columns(
        pl.col(bound.text).alias(asked), translate_text(pl.col(bound.text), crosswalk.pairs).alias(bound.text)
    )
    broken = pl.col(asked).is_not_null() & pl.col(bound.text).is_null()
    return joined, RowRule("LOOKUP_UNKNOWN", bound.column, broken, detail_text=crosswalk.id)
