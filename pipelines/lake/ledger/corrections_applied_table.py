"""Ledger table ``corrections_applied``: the acts that a batch knew when its receipts were read, and what each changed.

An act that is in force and found nothing has a row, too: so a replay knows which receipts were read without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

TABLE = "corrections_applied"
SCHEMA = pl.Schema(
    {
        "batch": pl.String(),
        "act_id": pl.String(),
        "dataset": pl.String(),
        # Values changed by the act's corrections, and rows that it releases or discards.
        "rows": pl.Int64(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "sequence": pl.Int64(),
    }
)


def applied_rows(dataset: str, batch: str, applied: Mapping[str, int], at: datetime) -> list[dict[str, Any]]:
    """Return one row for each act."""
    return [
        {"batch": batch, "act_id": act, "dataset": dataset, "rows": rows, "recorded_at": at}
        for act, rows in sorted(applied.items())
    ]
