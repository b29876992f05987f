"""Ledger table ``disputes``: questions about a value of a mart to the departments whose rows it was made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

TABLE = "disputes"
DisputeState = Literal["open", "right", "wrong", "withdrawn"]
SCHEMA = pl.Schema(
    {
        "dispute_id": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "mart": pl.String(),
        "version": pl.String(),
        "table_name": pl.String(),
        # JSON: value by column of the grain.
        "key": pl.String(),
        "column_name": pl.String(),
        # JSON: the value that is doubted.
        "value": pl.String(),
        "dataset": pl.String(),
        "department": pl.String(),
        # The rows of the dataset that the value was made from; ``dispute_rows`` lists the first of them.
        "rows": pl.Int64(),
        "due_on": pl.Date(),
        # open, right, wrong or withdrawn; of one dispute and dataset the last row counts.
        "state": pl.String(),
        "user": pl.String(),
        "via": pl.String(),
        # The question, or the answer.
        "why": pl.String(),
        "sequence": pl.Int64(),
    }
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """One question to one department, or the answer to it."""

    dispute_id: str
    mart: str
    version: str
    table_name: str
    key: str
    column_name: str
    value: str
    dataset: str
    department: str
    rows: int
    due_on: date
    state: DisputeState
    user: str
    via: str
    why: str


def dispute_row(dispute: Dispute, recorded_at: datetime) -> dict[str, Any]:
    """Return a question or an answer as a row."""
    return {**asdict(dispute), "recorded_at": recorded_at}
