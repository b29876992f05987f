"""Ledger table ``deliveries``: what went to other departments, and when they acknowledged it.

A delivery has a row when it was made and one for each thing that became known of it later; its last row counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

TABLE = "deliveries"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        "delivery": pl.String(),
        "delivery_id": pl.String(),
        # 1 for the first delivery of a declaration, then one more each time.
        "number": pl.Int64(),
        # mart or dataset, its id, and the version that was delivered.
        "kind": pl.String(),
        "subject": pl.String(),
        "version": pl.String(),
        # full, or changes since the delivery in `since`.
        "mode": pl.String(),
        "since": pl.String(),
        "target": pl.String(),
        "department": pl.String(),
        "rows": pl.Int64(),
        "inserted": pl.Int64(),
        "updated": pl.Int64(),
        "deleted": pl.Int64(),
        "sha256": pl.String(),
        "delivered_at": pl.Datetime("us", "UTC"),
        "acknowledged_at": pl.Datetime("us", "UTC"),
        "run": pl.String(),
        "sequence": pl.Int64(),
    }
)


def delivery_row(values: Mapping[str, Any], recorded_at: datetime) -> dict[str, Any]:
    """Return the values of a delivery as a row."""
    return {**{name: values.get(name) for name in SCHEMA if name != "sequence"}, "recorded_at": recorded_at}
