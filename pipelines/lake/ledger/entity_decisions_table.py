"""Ledger table ``entity_decisions``: what people decided about pairs of records: the same entity, or not."""

from __future__ import annotations

from typing import Literal

import polars as pl

TABLE = "entity_decisions"
SCHEMA = pl.Schema(
    {
        # The same for all pairs of one act.
        "act_id": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        # The id of the entity's declaration, such as enterprise.
        "entity": pl.String(),
        # The two records, the smaller (dataset, key) first. Of one pair, the last row counts.
        "dataset": pl.String(),
        "record_key": pl.String(),
        "other_dataset": pl.String(),
        "other_key": pl.String(),
        "decision": pl.String(),
        # accept, reject or undo.
        "act": pl.String(),
        "user": pl.String(),
        "via": pl.String(),
        "why": pl.String(),
        "sequence": pl.Int64(),
    }
)

PairDecision = Literal["same", "different", "withdrawn"]
"""``same``: the two records are linked; ``different``: they never are, also not through others; ``withdrawn``: what was
decided before holds no more."""
