"""Where the lake stands, in one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.ledger_store import in_written_order

STATUS_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")


def latest_status_rows(rows: pl.LazyFrame) -> pl.DataFrame:
    """The rows that :func:`status` looks at: as many as there are datasets or marts, however long the ledger is."""
    names = rows.collect_schema().names()
    subject = next(name for name in ("dataset", "mart") if name in names)
    last = rows.group_by(subject, "status").agg(pl.col("at").max())
    found = rows.join(last, on=[subject, "status", "at"], how="semi").collect(engine="streaming")
    if "batch" not in names:
        return in_written_order(found)
    ever_held = rows.filter(pl.col("status") == "held").select("batch").unique()
    held = rows.join(ever_held, on="batch", how="semi").collect(engine="streaming")
    return in_written_order(pl.concat([found, held]).unique([subject, "batch", "status", "at"], maintain_order=True))


def summarize_status(batches: pl.DataFrame, publications: pl.DataFrame) -> dict[str, Any]:
    """The last batch of every dataset and the last publication of every mart, from the ledger's rows in their order."""
    datasets = [_dataset_status(part) for part in _group_rows(batches, "dataset")]
    return {"datasets": datasets, "marts": [_mart_status(part) for part in _group_rows(publications, "mart")]}


def _group_rows(rows: pl.DataFrame, column: str) -> list[pl.DataFrame]:
    return rows.partition_by(column, maintain_order=True) if rows.height else []


def _dataset_status(rows: pl.DataFrame) -> dict[str, Any]:
    """A run that found nothing new says when the source was asked, not how the data are.

    A failed attempt counts until a later one succeeds, also one that finds nothing new.
    """
    last = rows.row(-1, named=True)
    telling = rows.filter(~pl.col("status").is_in(["unchanged", "failed"]))
    if last["status"] == "unchanged" and telling.height:
        last = telling.row(-1, named=True)
    counts = {name: last[name] for name in STATUS_COUNTS}
    share = counts["rows_quarantined"] / counts["rows_in"] if counts["rows_in"] else 0.0
    return {
        "dataset": last["dataset"],
        "status": last["status"],
        "batch": last["batch"],
        "at": last["at"].isoformat(),
        "asked_at": rows["at"][-1].isoformat(),
        **counts,
        "quarantine_share": share,
        "held": _held_batches(rows),
    }


def _held_batches(rows: pl.DataFrame) -> list[str]:
    """Batches whose last outcome is that they are held."""
    last: Mapping[str, str] = dict(rows.filter(pl.col("batch").is_not_null()).select("batch", "status").iter_rows())
    return sorted(batch for batch, state in last.items() if state == "held")


def _mart_status(rows: pl.DataFrame) -> dict[str, Any]:
    """The last attempt's status, and the version that readers have."""
    last = rows.row(-1, named=True)
    published = rows.filter(pl.col("status") == "published")
    version = published.row(-1, named=True) if published.height else {"version": None, "path": None}
    kept = {name: version[name] for name in ("version", "path")}
    return {"mart": last["mart"], "status": last["status"], "at": last["at"].isoformat(), **kept}
