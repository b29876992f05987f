"""The current status of every dataset and mart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.ledger_order import in_written_order
from citylake.pipelines.lake.ledger.publications_table import MADE_CURRENT

STATUS_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")
BATCH_STATUS = ("sequence", "dataset", "batch", "status", "recorded_at", *STATUS_COUNTS, "rows_filtered", "problems")
"""The columns of batches that tell their status and what stopped them."""
_TIME = "recorded_at"


def latest_status_rows(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows that :func:`summarize_status` needs; their number does not grow with the ledger.

    They are the last row of each status, and the last row of each of their batches and of each batch that is held.
    """
    names = rows.collect_schema().names()
    subject = next(name for name in ("dataset", "mart") if name in names)
    # The places first: of the other columns only the few rows that are chosen are decoded. The time is a column of the
    # files, by which their readers skip rows; the sequence of rows of older versions is made of it.
    chosen = _last_of_batches(rows, subject) if "batch" in names else _last(rows, [subject, "status"], _TIME)
    near = (pl.col(name).is_in(chosen[name].unique().implode()) for name in (_TIME, SEQUENCE))
    found = rows.filter(*near).collect(engine="streaming")
    return in_written_order(found.join(chosen, on=[subject, "status", SEQUENCE], how="semi"))


def _last(rows: pl.LazyFrame, of: Sequence[str | pl.Expr], *told: str) -> pl.DataFrame:
    """The last row of each, its place and what is ``told``: a state of the size of the result, whatever is read."""
    last = rows.group_by(of).agg(pl.col(SEQUENCE).max(), pl.col(told).max_by(SEQUENCE))
    return last.collect(engine="streaming")


def _last_of_batches(rows: pl.LazyFrame, subject: str) -> pl.DataFrame:
    places = [subject, "status", "batch", SEQUENCE, _TIME]
    without = pl.col("batch").is_null().alias("without")
    last = _last(rows, [subject, "status", without], "batch", _TIME).select(places)
    held = rows.filter(pl.col("status") == "held").select(subject, "batch").collect(engine="streaming")
    asked = pl.concat([last.select(subject, "batch"), held]).unique()
    of_asked = rows.join(asked.lazy(), on=[subject, "batch"], how="semi")
    words = _last(of_asked, [subject, "batch"], "status", _TIME).select(places)
    shown = pl.col("batch").is_in(last["batch"].drop_nulls().implode())
    return pl.concat([last, words.filter(shown | (pl.col("status") == "held"))]).unique()


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
