"""Ledger table ``acts``: what people decided about batches and rows, with who, when and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from citylake.pipelines.lake.access_record import AccessDoor
from citylake.pipelines.lake.ledger.json_text import to_json_text

TABLE = "acts"
SCHEMA = pl.Schema(
    {
        "act_id": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "act": pl.String(),
        "dataset": pl.String(),
        "department": pl.String(),
        # The batch that the act is about; null if it is about rows.
        "batch": pl.String(),
        "rows": pl.Int64(),
        "user": pl.String(),
        # cli, api or airflow.
        "via": pl.String(),
        "why": pl.String(),
        # JSON: what else the act consists of (a file's name and digest, filters).
        "details": pl.String(),
        "sequence": pl.Int64(),
    }
)

ActKind = Literal[
    "release_batch", "reject_batch", "export_rows", "correct_rows", "correct_value", "withdraw_correction",
    "release_rows", "discard_rows", "reopen_rows", "publish_mart", "roll_back_mart", "pin_version", "unpin_version",
    "accept_link", "reject_link", "undo_link", "forget_person",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One decision of a person. ``act_id``: the same for a repetition of the same act, which changes nothing."""

    act_id: str
    act: ActKind
    dataset: str
    department: str
    user: str
    why: str
    via: AccessDoor = "cli"
    batch: str | None = None
    rows: int = 0
    details: str = to_json_text({})


def act_row(act: Act, recorded_at: datetime) -> dict[str, Any]:
    """Return an act as a row."""
    return {**asdict(act), "recorded_at": recorded_at}
