"""Ledger table ``meanings``: what the columns meant under each fingerprint of a contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.json_text import to_json_text

TABLE = "meanings"
SCHEMA = pl.Schema(
    {
        "dataset": pl.String(),
        "fingerprint": pl.String(),
        # JSON: words by column.
        "meaning": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "sequence": pl.Int64(),
    }
)


def meaning_row(dataset: str, fingerprint: str, meaning: Mapping[str, Any], recorded_at: datetime) -> dict[str, Any]:
    """Return the meaning of one fingerprint as a row."""
    return {
        "dataset": dataset,
        "fingerprint": fingerprint,
        "meaning": to_json_text(dict(meaning)),
        "recorded_at": recorded_at,
    }
