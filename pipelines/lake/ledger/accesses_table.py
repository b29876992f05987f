"""Ledger table ``accesses``: who read protected data, or exported data, when and for what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

TABLE = "accesses"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        # query, replay, release, trial, trace, rebuild, reseal, export, forget or delivery.
        "access": pl.String(),
        # dataset or mart, and its id.
        "kind": pl.String(),
        "subject": pl.String(),
        # What was asked: the SQL of a query, the receipts of a replay; no value of a person.
        "request": pl.String(),
        "rows": pl.Int64(),
        # ok, or the code of the error.
        "outcome": pl.String(),
        "user": pl.String(),
        "via": pl.String(),
        "run": pl.String(),
        "why": pl.String(),
        "sequence": pl.Int64(),
    }
)


def access_frame(accesses: Iterable[Mapping[str, Any]], recorded_at: datetime) -> pl.DataFrame:
    """Return accesses (the columns but time and sequence) as rows, in the columns that the ledger stores."""
    rows = [{**access, "recorded_at": recorded_at} for access in accesses]
    return pl.DataFrame(rows, schema=pl.Schema({name: SCHEMA[name] for name in SCHEMA if name != "sequence"}))
