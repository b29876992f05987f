"""Append, and replace: whole files come and go; only a receipt that is read again has its earlier rows taken out."""

from __future__ import annotations

import polars as pl

from pipelines.commit.files import as_files
from pipelines.commit.precedence import precedence
from pipelines.commit.transaction import Change
from pipelines.commit.upsert import changed_days, note_days, note_lost, of_partition, partitions
from pipelines.commit.work import AT, FILE, IN_BATCH, Work, earlier_readings, overlapping
from schemas.contract import Write

APPEND = Write(mode="append")


def append(work: Work) -> Change:
    """Add the staged files; the earlier rows of the same receipts go, and those of earlier versions of the files."""
    stale = earlier_readings(work)
    work.take(stale)
    older = _versions(work)
    note_lost(work, older)
    days = changed_days(work, pl.concat([stale[FILE], older[FILE]]).unique().to_list())
    days |= set(work.staged.days) if work.files else set()
    note_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(as_files(work.stored.filter(pl.col("path").is_in(list(work.taken)))))


def _versions(work: Work) -> pl.DataFrame:
    """The stored rows that earlier versions of the batch's files gave, with the receipt that takes their place."""
    pairs = pl.DataFrame(work.staged.versions, {"_receipt": pl.String, "survivor_receipt": pl.String}, orient="row")
    receipts = pairs["_receipt"]
    near = overlapping(work.stored, "_receipt", receipts.min(), receipts.max()) if pairs.height else work.stored.clear()
    older = work.scan(as_files(near), in_batch=False).join(pairs.lazy(), on="_receipt")
    lost = older.select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row", "survivor_receipt"),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    return lost.collect(engine="streaming")


def replace(work: Work) -> Change:
    """Give each of the batch's partitions to the newest source that delivered it; the rows of others are superseded.

    Each receipt is the whole of its partitions, so that batches in any order give the same table.
    """
    work.take(earlier_readings(work))
    for partition, files in partitions(work.files):
        near = as_files(of_partition(work.stored, partition))
        both = pl.concat([work.scan(files, in_batch=True), work.scan(near, in_batch=False)])
        owner = both.select("_source", "_receipt", _row=0).unique().sort(precedence(None)).last().collect()
        if owner.height:
            note_lost(work, _others(both, owner["_receipt"].item()))
    touched = work.stored.filter(pl.col("path").is_in(list(work.taken)))
    days = changed_days(work, touched["path"].to_list()) | (set(work.staged.days) if work.files else set())
    note_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(as_files(touched))


def _others(both: pl.LazyFrame, owner: str) -> pl.DataFrame:
    others = both.filter(pl.col("_receipt") != owner).select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row"),
        survivor_receipt=pl.lit(owner),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    return others.collect(engine="streaming")
