"""Where the lake stands, in one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")


def status(batches: pl.DataFrame, publications: pl.DataFrame) -> dict[str, Any]:
    """The last batch of every dataset and the last publication of every mart, from the ledger's rows in their order."""
    datasets = [_dataset(part) for part in _by(batches, "dataset")]
    return {"datasets": datasets, "marts": [_mart(part) for part in _by(publications, "mart")]}


def _by(rows: pl.DataFrame, column: str) -> list[pl.DataFrame]:
    return rows.partition_by(column, maintain_order=True) if rows.height else []


def _dataset(rows: pl.DataFrame) -> dict[str, Any]:
    """A run that found nothing new says when the source was asked, not how the data are."""
    telling = rows.filter(pl.col("status") != "unchanged")
    last = (telling if telling.height else rows).row(-1, named=True)
    counts = {name: last[name] for name in COUNTS}
    share = counts["rows_quarantined"] / counts["rows_in"] if counts["rows_in"] else 0.0
    return {
        "dataset": last["dataset"],
        "status": last["status"],
        "batch": last["batch"],
        "at": last["at"].isoformat(),
        "asked_at": rows["at"][-1].isoformat(),
        **counts,
        "quarantine_share": share,
        "held": _held(rows),
    }


def _held(rows: pl.DataFrame) -> list[str]:
    """Batches whose last outcome is that they are held."""
    last: Mapping[str, str] = dict(rows.filter(pl.col("batch").is_not_null()).select("batch", "status").iter_rows())
    return sorted(batch for batch, state in last.items() if state == "held")


def _mart(rows: pl.DataFrame) -> dict[str, Any]:
    """The last attempt's status, and the version that readers have."""
    last = rows.row(-1, named=True)
    published = rows.filter(pl.col("status") == "published")
    version = published.row(-1, named=True) if published.height else {"version": None, "path": None}
    kept = {name: version[name] for name in ("version", "path")}
    return {"mart": last["mart"], "status": last["status"], "at": last["at"].isoformat(), **kept}
