"""Ledger table ``batches``: the outcome of the receipts that were processed together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.json_text import problems_to_json, to_json_text
from citylake.pipelines.records import BatchResult
from citylake.schemas.words.errors import CitylakeError

TABLE = "batches"
SCHEMA = pl.Schema(
    {
        "batch": pl.String(),
        "run": pl.String(),
        "dataset": pl.String(),
        "status": pl.String(),
        "fingerprint": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        # Null unless the batch was committed.
        "committed_at": pl.Datetime("us", "UTC"),
        "receipts": pl.List(pl.String()),
        "rows_in": pl.Int64(),
        "rows_standard": pl.Int64(),
        "rows_quarantined": pl.Int64(),
        "rows_duplicate": pl.Int64(),
        "rows_superseded": pl.Int64(),
        # Null in rows of revisions before these counts.
        "rows_filtered": pl.Int64(),
        "values_refused": pl.Int64(),
        "issues": pl.String(),
        "days": pl.List(pl.Date()),
        "table_version": pl.Int64(),
        "problems": pl.String(),
        "seconds": pl.String(),
        # The batches whose receipts a replay read again; empty otherwise.
        "supersedes": pl.List(pl.String()),
        # That of the declarations (``revisions``); empty if nothing was new, null in rows of earlier versions.
        "revision": pl.String(),
        # How often a commit of the batch was planned again after another run's; null in rows of earlier versions.
        "planned_again": pl.Int64(),
        "sequence": pl.Int64(),
    }
)


def batch_row(
    result: BatchResult, run: str, fingerprint: str, recorded_at: datetime, revision: str = ""
) -> dict[str, Any]:
    """Return a batch's outcome as a row. Raises ROWS_NOT_CONSERVED."""
    check_rows_conserved(result)
    return {
        "batch": result.batch,
        "run": run or next((receipt.run for receipt in result.receipts), ""),
        "dataset": result.dataset,
        "status": result.status,
        "fingerprint": fingerprint,
        "recorded_at": recorded_at,
        "committed_at": recorded_at if result.status == "committed" else None,
        "receipts": [receipt.id for receipt in result.receipts],
        **_counts(result),
        "issues": to_json_text(dict(result.issues)),
        "days": list(result.days),
        "table_version": result.table_version,
        "problems": problems_to_json(result.problems),
        "seconds": to_json_text(dict(result.seconds)),
        "supersedes": list(result.supersedes),
        "revision": revision,
        "planned_again": result.planned_again,
    }


def _counts(result: BatchResult) -> dict[str, int]:
    return {
        "rows_in": result.counts.rows_in,
        "rows_standard": result.counts.standard,
        "rows_quarantined": result.counts.quarantined,
        "rows_duplicate": result.counts.duplicates,
        "rows_superseded": result.superseded,
        "rows_filtered": result.counts.filtered,
        "values_refused": result.counts.values_refused,
    }


def check_rows_conserved(result: BatchResult) -> None:
    """Raise ROWS_NOT_CONSERVED unless rows in = standard + quarantined + duplicates + filtered."""
    counts = result.counts
    if not counts.conserved:
        raise CitylakeError(
            "ROWS_NOT_CONSERVED",
            dataset=result.dataset,
            batch=result.batch,
            rows_in=counts.rows_in,
            standard=counts.standard,
            quarantined=counts.quarantined,
            duplicates=counts.duplicates,
            filtered=counts.filtered,
            total=counts.standard + counts.quarantined + counts.duplicates + counts.filtered,
        )
