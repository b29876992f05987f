"""Ledger table ``removals``: files deleted by retention that a receipt or a publication still refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl

TABLE = "removals"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        "run": pl.String(),
        # landing, raw or marts.
        "zone": pl.String(),
        # A dataset's id or a mart's.
        "subject": pl.String(),
        # A receipt's id or a version.
        "name": pl.String(),
        "files": pl.Int64(),
        "size_bytes": pl.Int64(),
        # Days for which the workspace keeps such files.
        "retention_days": pl.Int64(),
        "sequence": pl.Int64(),
    }
)


def removal_rows(
    run: str, zone: str, subject: str, gone: Mapping[str, Mapping[str, Any]], recorded_at: datetime
) -> Iterator[dict[str, Any]]:
    """Return one row per receipt or version; ``gone``: name → ``files``, ``size_bytes`` and ``retention_days``."""
    for name, values in gone.items():
        yield {"recorded_at": recorded_at, "run": run, "zone": zone, "subject": subject, "name": name, **values}
