"""How well a new field suits a binding: the binding itself reads a sample of its values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipelines.blocks.block import PROVENANCE, Block
from pipelines.conform.bound import RAW, Bound, needs
from pipelines.conform.codes import Codes
from pipelines.conform.prepare import Words, typed
from quality.rules.mask import broken
from schemas.contract import Contract
from schemas.registry import Registry

SAMPLE = 1000
"""Rows that are looked at, evenly spread over a block."""


def sample_of(block: Block | None) -> pl.DataFrame:
    """Some rows of a block, as text; a frame of nothing where there is none."""
    if block is None:
        return pl.DataFrame()
    rows = np.unique(np.linspace(0, max(block.rows - 1, 0), SAMPLE).astype(np.int64))[: block.rows]
    named = {RAW + name: column.texts(rows) for name, column in block.columns.items() if name not in PROVENANCE}
    return pl.DataFrame({name: pl.Series(texts, dtype=pl.String) for name, texts in named.items()})


def accepted(
    sample: pl.DataFrame, missing: str, added: str, contract: Contract, registry: Registry, codes: Codes,
    bounds: Sequence[Bound],
) -> float | None:  # fmt: skip
    """The share of the values of ``added`` that whatever is made from ``missing`` would take; None: no value to judge.

    A value is taken where its type, format, unit, range, codes, pattern and check digit have nothing against it.
    """
    if RAW + added not in sample.columns:
        return None
    frame = sample.rename({RAW + added: RAW + missing})
    there = {name.removeprefix(RAW) for name in frame.columns}
    shares = [
        _share(frame, bound, contract, Words(registry, codes, {}))
        for bound in bounds
        if missing in needs(bound) and there.issuperset(needs(bound))
    ]
    return min((share for share in shares if share is not None), default=None)


def _share(frame: pl.DataFrame, bound: Bound, contract: Contract, words: Words) -> float | None:
    worked, rules = typed(frame, contract, [bound], words)
    said = pl.col(f"_asked.{bound.column}" if bound.binding.lookup else bound.text).is_not_null()
    count, good = worked.select(said.sum().alias("said"), (said & ~broken(rules)).sum().alias("good")).row(0)
    return good / count if count else None
