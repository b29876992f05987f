"""How well a new field fits a binding: the share of sampled values that the binding accepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn, required_fields
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.conform_plan import ConformVocabulary, add_typed_columns
from citylake.quality.rules.rule_bitmask import any_rule_broken
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

SAMPLE_ROWS = 1000
"""Rows in a sample, evenly spread over a block."""


def sample_block(block: Block | None) -> pl.DataFrame:
    """Some rows of a block, as text; an empty frame without a block."""
    if block is None:
        return pl.DataFrame()
    rows = np.unique(np.linspace(0, max(block.rows - 1, 0), SAMPLE_ROWS).astype(np.int64))[: block.rows]
    named = {
        RAW_PREFIX + name: column.texts(rows)
        for name, column in block.columns.items()
        if name not in PROVENANCE_COLUMNS
    }
    return pl.DataFrame({name: pl.Series(texts, dtype=pl.String) for name, texts in named.items()})


def acceptance_share(
    sample: pl.DataFrame, missing: str, added: str, contract: Contract, registry: Registry, codes: CodeMatcher,
    bounds: Sequence[BoundColumn],
) -> float | None:  # fmt: skip
    """The share of the values of ``added`` that the columns made from ``missing`` accept; None if there is no value.

    A value is accepted if it breaks no rule of type, format, unit, range, codes, pattern or check digit.
    """
    if RAW_PREFIX + added not in sample.columns:
        return None
    frame = sample.rename({RAW_PREFIX + added: RAW_PREFIX + missing})
    there = {name.removeprefix(RAW_PREFIX) for name in frame.columns}
    shares = [
        _bound_share(frame, bound, contract, ConformVocabulary(registry, codes, {}))
        for bound in bounds
        if missing in required_fields(bound) and there.issuperset(required_fields(bound))
    ]
    return min((share for share in shares if share is not None), default=None)


def _bound_share(frame: pl.DataFrame, bound: BoundColumn, contract: Contract, words: ConformVocabulary) -> float | None:
    worked, rules = add_typed_columns(frame, contract, [bound], words)
    said = pl.col(f"_asked.{bound.column}" if bound.binding.lookup else bound.text).is_not_null()
    count, good = worked.select(said.sum().alias("said"), (said & ~any_rule_broken(rules)).sum().alias("good")).row(0)
    return good / count if count else None
