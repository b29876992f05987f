"""Ledger table ``alerts``: notifications that a dataset is late, or on time again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

TABLE = "alerts"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        "dataset": pl.String(),
        "late": pl.Boolean(),
        "newest_event_at": pl.Datetime("us", "UTC"),
        "channels": pl.List(pl.String()),
        "sequence": pl.Int64(),
    }
)


def alert_row(
    dataset: str, newest_event_at: datetime | None, channels: list[str], recorded_at: datetime, *, late: bool
) -> dict[str, Any]:
    """Return an alert as a row. ``channels``: those that accepted the message."""
    return {
        "recorded_at": recorded_at,
        "dataset": dataset,
        "late": late,
        "newest_event_at": newest_event_at,
        "channels": channels,
    }
