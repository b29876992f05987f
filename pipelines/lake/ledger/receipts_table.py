"""Ledger table ``receipts``: every fetch attempt, successful or not."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.json_text import problems_to_json
from citylake.pipelines.records import Receipt, ResumePoint

TABLE = "receipts"
SCHEMA = pl.Schema(
    {
        "id": pl.String(),
        "run": pl.String(),
        "dataset": pl.String(),
        "source": pl.String(),
        "name": pl.String(),
        "status": pl.String(),
        "requested_at": pl.Datetime("us", "UTC"),
        "received_at": pl.Datetime("us", "UTC"),
        "sha256": pl.String(),
        "size_bytes": pl.Int64(),
        "declared_count": pl.Int64(),
        "stored_count": pl.Int64(),
        "landing": pl.List(pl.String()),
        "same_as": pl.String(),
        "problems": pl.String(),
        "proof": pl.String(),
        "cursor": pl.String(),
        "sequence": pl.Int64(),
    }
)


def receipt_row(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as a row."""
    values = {name: value for name, value in asdict(receipt).items() if name in SCHEMA}
    found = [receipt.problem] if receipt.problem else []
    cursor = json.dumps(receipt.cursor, ensure_ascii=False) if receipt.cursor else None
    return {**values, "landing": list(receipt.landing), "problems": problems_to_json(found), "cursor": cursor}


def parse_resume_points(rows: pl.DataFrame) -> dict[str, ResumePoint]:
    """Return the interrupted pulls that can be continued, by the source's name, from receipts in written order."""
    last = rows.unique("name", keep="last", maintain_order=True).filter(pl.col("cursor").is_not_null())
    found = last.select("name", "requested_at", "landing", "cursor").iter_rows()
    return {name: ResumePoint(at, tuple(landing), json.loads(cursor)) for name, at, landing, cursor in found}
