"""Ledger table ``checks``: the result of every table-level check of a batch or a mart version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.json_text import problems_to_json
from citylake.quality.check_result import CheckResult

TABLE = "checks"
SCHEMA = pl.Schema(
    {
        "run": pl.String(),
        # A dataset's id or a mart's.
        "subject": pl.String(),
        "batch": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "name": pl.String(),
        "passed": pl.Boolean(),
        "severity": pl.String(),
        # Null in rows of version 0.2 and older: by the check's name then.
        "dimension": pl.String(),
        "observed": pl.String(),
        "expected": pl.String(),
        "problems": pl.String(),
        "sequence": pl.Int64(),
    }
)


def check_row(check: CheckResult, run: str, subject: str, batch: str, recorded_at: datetime) -> dict[str, Any]:
    """Return a check result as a row."""
    result = {
        name: getattr(check, name) for name in ("name", "passed", "severity", "dimension", "observed", "expected")
    }
    found = [check.problem] if check.problem else []
    return {
        "run": run,
        "subject": subject,
        "batch": batch,
        "recorded_at": recorded_at,
        **result,
        "problems": problems_to_json(found),
    }
