"""Crosswalks: a source's own names become values of an element before anything else is read."""

from __future__ import annotations

import polars as pl

from pipelines.conform.bound import Bound
from quality.rules.row_rule import RowRule
from schemas.registry import Registry


def translate(frame: pl.LazyFrame, bound: Bound, registry: Registry) -> tuple[pl.LazyFrame, RowRule]:
    """Put ``bound.text`` through the binding's crosswalk; a name that is not in it breaks LOOKUP_UNKNOWN."""
    crosswalk = registry.crosswalks[bound.binding.lookup or ""]
    found, asked = f"_lookup.{bound.column}", f"_asked.{bound.column}"
    table = pl.LazyFrame({bound.text: list(crosswalk.pairs), found: list(crosswalk.pairs.values())})
    joined = frame.join(table, on=bound.text, how="left", maintain_order="left")
    joined = joined.with_columns(pl.col(bound.text).alias(asked), pl.col(found).alias(bound.text))
    broken = pl.col(asked).is_not_null() & pl.col(bound.text).is_null()
    return joined, RowRule("LOOKUP_UNKNOWN", bound.column, broken, detail_text=crosswalk.id)
