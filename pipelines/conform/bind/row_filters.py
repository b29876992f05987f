"""The rows of a source that are not the dataset's: counted, and neither standard nor quarantined."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_

import numpy as np
import polars as pl

from citylake.pipelines.blocks.block import Block
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.row_filter import FieldFilter, field_filters
from citylake.schemas.words.errors import CitylakeError, Problem

_MOST_VALUES = 5


def kept_expr(contract: Contract) -> pl.Expr | None:
    """Whether a row of source fields is the dataset's; None if every row is."""
    each = [_kept(pl.col(RAW_PREFIX + name), one) for name, one in field_filters(contract.where).items()]
    return reduce(and_, each) if each else None


def filtered_rows(block: Block, filters: Mapping[str, FieldFilter]) -> np.ndarray:
    """Which rows of a block are not the dataset's. Each distinct text is judged once."""
    filtered = np.zeros(block.rows, np.bool_)
    for name, one in filters.items():
        column = block.columns[name]
        texts = pl.DataFrame({"text": pl.Series(column.values, dtype=pl.String)})
        filtered |= ~np.asarray(texts.select(_kept(pl.col("text"), one))["text"]).take(column.at)
    return filtered


def _kept(field: pl.Expr, one: FieldFilter) -> pl.Expr:
    text, kept = field.str.strip_chars().fill_null(""), pl.lit(value=True)
    if one.any_of:
        kept &= text.is_in([str(each) for each in one.any_of])
    if one.none_of:
        kept &= ~text.is_in([str(each) for each in one.none_of])
    if one.pattern is not None:
        kept &= text.str.contains(one.pattern)
    if one.not_pattern is not None:
        kept &= ~text.str.contains(one.not_pattern)
    return kept.alias(field.meta.output_name())


def none_kept(contract: Contract, rows: int, sample: pl.DataFrame) -> list[Problem]:
    """The notice that every row was filtered. Raises it as a fault unless the contract says that there may be none."""
    values = {"dataset": contract.dataset, "rows": rows, "values": _frequent_values(contract, sample)}
    bounds = contract.expect.rows
    if bounds is None or bounds.min != 0:
        raise CitylakeError("WHERE_KEEPS_NONE", **values)
    return [Problem("WHERE_KEEPS_NONE", values)]


def _frequent_values(contract: Contract, sample: pl.DataFrame) -> str:
    """``tipo: 20, 30``: the most frequent texts of each field."""
    found = []
    for name in contract.where:
        texts = sample.select(pl.col(RAW_PREFIX + name).str.strip_chars().fill_null("").alias("text"))["text"]
        counted = texts.value_counts(sort=True).sort("count", "text", descending=[True, False]).head(_MOST_VALUES)
        found.append(f"{name}: " + ", ".join(text or "—" for text in counted["text"]))
    return "; ".join(found)
