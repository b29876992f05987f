"""Ledger table ``row_acts``: the single rows that an act is about. The last act of a row decides its state."""

from __future__ import annotations

from typing import Literal

import polars as pl

TABLE = "row_acts"
SCHEMA = pl.Schema(
    {
        "act_id": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "dataset": pl.String(),
        # The row, as the quarantine names it: citylake.pipelines.lake.row_id.
        "_receipt": pl.String(),
        "_part": pl.String(),
        "_row": pl.Int64(),
        "decision": pl.String(),
        "sequence": pl.Int64(),
    }
)

RowDecision = Literal["exported", "corrected", "released", "discarded", "reopened"]
