"""The current status of every dataset and mart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.ledger_order import in_written_order
from citylake.pipelines.lake.ledger.publications_table import MADE_CURRENT

STATUS_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")
BATCH_STATUS = ("sequence", "dataset", "batch", "status", "recorded_at", *STATUS_COUNTS, "rows_filtered", "problems")
"""The columns of batches that tell their status and what stopped them."""


def latest_status_rows(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows that :func:`summarize_status` needs; their number does not grow with the ledger.

    They are the last row of each status, and the last row of each of their batches and of each batch that is held.
    """
    names = rows.collect_schema().names()
    subject = next(name for name in ("dataset", "mart") if name in names)
    keys = [subject, "status", *(["batch"] if "batch" in names else []), SEQUENCE]
    # The places first: of the other columns only the few rows that are chosen are decoded.
    places = rows.select(keys).collect(engine="streaming")
    chosen = _last_of_batches(places, subject) if "batch" in names else _last(places, subject, "status")
    found = rows.filter(pl.col(SEQUENCE).is_in(chosen[SEQUENCE].unique().implode())).collect(engine="streaming")
    return in_written_order(found.join(chosen, on=[subject, "status", SEQUENCE], how="semi"))


def _last(places: pl.DataFrame, *of: str | pl.Expr) -> pl.DataFrame:
    """The last of the places of each; ``of`` has the subject."""
    return places.sort(SEQUENCE).unique(list(of), keep="last")


def _last_of_batches(places: pl.DataFrame, subject: str) -> pl.DataFrame:
    last = pl.concat(_last(part, subject, "status") for part in _with_and_without_batch(places))
    held = places.filter(pl.col("status") == "held")
    asked = pl.concat([last, held]).select(subject, "batch").unique()
    words = _last(places.join(asked, on=[subject, "batch"], how="semi"), subject, "batch")
    shown = pl.col("batch").is_in(last["batch"].drop_nulls().implode())
    return pl.concat([last, words.filter(shown | (pl.col("status") == "held"))]).unique()


def _with_and_without_batch(places: pl.DataFrame) -> list[pl.DataFrame]:
    without = pl.col("batch").is_null()
    return [places.filter(without), places.filter(~without)]


def summarize_status(batches: pl.DataFrame, publications: pl.DataFrame) -> dict[str, Any]:
    """Return the last batch of every dataset and the last publication of every mart; rows in written order."""
    datasets = [_dataset_status(part) for part in _group_rows(batches, "dataset")]
    return {"datasets": datasets, "marts": [_mart_status(part) for part in _group_rows(publications, "mart")]}


def _group_rows(rows: pl.DataFrame, column: str) -> list[pl.DataFrame]:
    return rows.partition_by(column, maintain_order=True) if rows.height else []


def _dataset_status(rows: pl.DataFrame) -> dict[str, Any]:
    """``unchanged`` rows give the time of the last request (``checked_at``), not the status of the data.

    A failed attempt counts until a later one succeeds, also one that finds nothing new. A batch about which a person
    has decided is no status of the data any more.
    """
    last = rows.row(-1, named=True)
    solved = (pl.col("status") == "held") & ~pl.col("batch").is_in(_held_batches(rows))
    telling = rows.filter(~pl.col("status").is_in(["unchanged", "failed", "rejected"]), ~solved.fill_null(value=False))
    if last["status"] in ("unchanged", "rejected") and telling.height:
        last = telling.row(-1, named=True)
    counts = {name: last[name] for name in STATUS_COUNTS}
    own = (counts["rows_in"] or 0) - (last["rows_filtered"] or 0)
    share = counts["rows_quarantined"] / own if own else 0.0
    return {
        "dataset": last["dataset"],
        "status": last["status"],
        "batch": last["batch"],
        "recorded_at": last["recorded_at"].isoformat(),
        "checked_at": rows["recorded_at"][-1].isoformat(),
        **counts,
        "quarantine_share": share,
        "held": _held_batches(rows),
    }


def _held_batches(rows: pl.DataFrame) -> list[str]:
    """Return the batches whose last status is ``held``."""
    last: Mapping[str, str] = dict(rows.filter(pl.col("batch").is_not_null()).select("batch", "status").iter_rows())
    return sorted(batch for batch, state in last.items() if state == "held")


def _mart_status(rows: pl.DataFrame) -> dict[str, Any]:
    """Return the status of the last attempt and the current version.

    ``rolled_back`` stays the status while runs find nothing else to publish.
    """
    last = rows.row(-1, named=True)
    chosen = rows.filter(pl.col("status").is_in(MADE_CURRENT))
    version = chosen.row(-1, named=True) if chosen.height else {"version": None, "path": None, "status": None}
    current = {name: version[name] for name in ("version", "path")}
    still = last["status"] == "unchanged" and version["status"] == "rolled_back"
    status = "rolled_back" if still else last["status"]
    return {"mart": last["mart"], "status": status, "recorded_at": last["recorded_at"].isoformat(), **current}
