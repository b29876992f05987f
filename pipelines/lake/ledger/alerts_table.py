"""The ledger of alerts: which datasets people were told are late, and that they are fresh again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

TABLE = "alerts"
SCHEMA = pl.Schema(
    {
        "at": pl.Datetime("us", "UTC"),
        "dataset": pl.String(),
        "late": pl.Boolean(),
        "newest": pl.Datetime("us", "UTC"),
        "channels": pl.List(pl.String()),
    }
)


def alert_row(
    dataset: str, newest: datetime | None, channels: list[str], at: datetime, *, late: bool
) -> dict[str, Any]:
    """An alert as a row; ``channels`` are those that took it."""
    return {"at": at, "dataset": dataset, "late": late, "newest": newest, "channels": channels}
