"""Append, and replace: whole files come and go; only a receipt that is read again has its earlier rows taken out."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange
from citylake.pipelines.commit.merge_context import (
    AT,
    FILE,
    IN_BATCH,
    MergeContext,
    find_reread_rows,
    overlapping_files,
)
from citylake.pipelines.commit.row_precedence import precedence_keys
from citylake.pipelines.commit.table_files import parse_active_files
from citylake.pipelines.commit.upsert_merge import (
    days_of_files,
    files_in_partition,
    record_changed_days,
    record_lost_rows,
    staged_partitions,
)
from citylake.schemas.model.contract import WriteSettings

APPEND_WRITE = WriteSettings(mode="append")


def append_batch(work: MergeContext) -> TableChange:
    """Add the staged files; the earlier rows of the same receipts go, and those of earlier versions of the files."""
    stale = find_reread_rows(work)
    work.take(stale)
    older = _superseded_versions(work)
    record_lost_rows(work, older)
    days = days_of_files(work, pl.concat([stale[FILE], older[FILE]]).unique().to_list())
    days |= set(work.staged.days) if work.files else set()
    record_changed_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(parse_active_files(work.stored.filter(pl.col("path").is_in(list(work.taken)))))


def _superseded_versions(work: MergeContext) -> pl.DataFrame:
    """The stored rows that earlier versions of the batch's files gave, with the receipt that takes their place."""
    pairs = pl.DataFrame(work.staged.versions, {"_receipt": pl.String, "survivor_receipt": pl.String}, orient="row")
    receipts = pairs["_receipt"]
    near = (
        overlapping_files(work.stored, "_receipt", receipts.min(), receipts.max())
        if pairs.height
        else work.stored.clear()
    )
    older = work.scan(parse_active_files(near), in_batch=False).join(pairs.lazy(), on="_receipt")
    lost = older.select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row", "survivor_receipt"),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    return lost.collect(engine="streaming")


def replace_partitions(work: MergeContext) -> TableChange:
    """Give each of the batch's partitions to the newest source that delivered it; the rows of others are superseded.

    Each receipt is the whole of its partitions, so that batches in any order give the same table.
    """
    work.take(find_reread_rows(work))
    for partition, files in staged_partitions(work.files):
        near = parse_active_files(files_in_partition(work.stored, partition))
        both = pl.concat([work.scan(files, in_batch=True), work.scan(near, in_batch=False)])
        owner = both.select("_source", "_receipt", _row=0).unique().sort(precedence_keys(None)).last().collect()
        if owner.height:
            record_lost_rows(work, _superseded_rows(both, owner["_receipt"].item()))
    touched = work.stored.filter(pl.col("path").is_in(list(work.taken)))
    days = days_of_files(work, touched["path"].to_list()) | (set(work.staged.days) if work.files else set())
    record_changed_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(parse_active_files(touched))


def _superseded_rows(both: pl.LazyFrame, owner: str) -> pl.DataFrame:
    others = both.filter(pl.col("_receipt") != owner).select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row"),
        survivor_receipt=pl.lit(owner),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    return others.collect(engine="streaming")
