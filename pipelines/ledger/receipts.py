"""The ledger of fetch attempts, good or bad."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from pipelines.ledger.text import problems
from pipelines.records import Receipt

TABLE = "receipts"
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("run", pa.string()),
        ("dataset", pa.string()),
        ("source", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("requested_at", pa.timestamp("us", "UTC")),
        ("received_at", pa.timestamp("us", "UTC")),
        ("sha256", pa.string()),
        ("size_bytes", pa.int64()),
        ("declared_count", pa.int64()),
        ("stored_count", pa.int64()),
        ("landing", pa.list_(pa.string())),
        ("same_as", pa.string()),
        ("problems", pa.string()),
        ("proof", pa.string()),
        ("cursor", pa.string()),
    ]
)


def row(receipt: Receipt) -> dict[str, Any]:
    """A receipt as a row."""
    kept = {name: value for name, value in asdict(receipt).items() if name in SCHEMA.names}
    found = [receipt.problem] if receipt.problem else []
    cursor = json.dumps(receipt.cursor, ensure_ascii=False) if receipt.cursor else None
    return {**kept, "landing": list(receipt.landing), "problems": problems(found), "cursor": cursor}
