"""The ledger of judgements: every table-level expectation of every batch and mart, passed or not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from pipelines.ledger.text import problems
from quality.check import Check

TABLE = "checks"
SCHEMA = pa.schema(
    [
        ("run", pa.string()),
        # A dataset's id or a mart's.
        ("subject", pa.string()),
        ("batch", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("name", pa.string()),
        ("passed", pa.bool_()),
        ("severity", pa.string()),
        ("observed", pa.string()),
        ("expected", pa.string()),
        ("problems", pa.string()),
    ]
)


def row(check: Check, run: str, subject: str, batch: str, at: datetime) -> dict[str, Any]:
    """A judgement as a row."""
    judged = {name: getattr(check, name) for name in ("name", "passed", "severity", "observed", "expected")}
    found = [check.problem] if check.problem else []
    return {"run": run, "subject": subject, "batch": batch, "at": at, **judged, "problems": problems(found)}
