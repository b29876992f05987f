"""Ledger table ``declarations``: the text of every declaration file that a revision has, each once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

TABLE = "declarations"
SCHEMA = pl.Schema(
    {
        "sha256": pl.String(),
        "text": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "sequence": pl.Int64(),
    }
)


def declaration_row(sha256: str, text: str, recorded_at: datetime) -> dict[str, Any]:
    """Return the text of a file as a row."""
    return {"sha256": sha256, "text": text, "recorded_at": recorded_at}
