"""The ledger of alerts: which datasets people were told are late, and that they are fresh again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

TABLE = "alerts"
SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("dataset", pa.string()),
        ("late", pa.bool_()),
        ("newest", pa.timestamp("us", "UTC")),
        ("channels", pa.list_(pa.string())),
    ]
)


def row(dataset: str, newest: datetime | None, channels: list[str], at: datetime, *, late: bool) -> dict[str, Any]:
    """An alert as a row; ``channels`` are those that took it."""
    return {"at": at, "dataset": dataset, "late": late, "newest": newest, "channels": channels}
