"""Write modes append and replace: work on whole files. Rows are removed only if their receipt is read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from citylake.schemas.words.errors import CitylakeError

APPEND_WRITE = WriteSettings(mode="append")
PERIOD = "__period"
_PERIODS = {"day": "1d", "month": "1mo", "year": "1y"}


def append_batch(work: MergeContext) -> TableChange:
    """Add the staged files. Remove earlier rows of the same receipts and of earlier versions of the same files.

    Rows of a version that another run has overtaken are superseded by the later version, whose rows stay.
    """
    stale = find_reread_rows(work)
    work.take(stale)
    overtaken = _overtaken_receipts(work)
    older = _superseded_versions(work, overtaken)
    record_lost_rows(work, older)
    record_lost_rows(work, _overtaken_rows(work, overtaken))
    if overtaken:
        work.change.note["overtaken"] = overtaken
    days = days_of_files(work, pl.concat([stale[FILE], older[FILE]]).unique().to_list())
    days |= set(work.staged.days) if work.files else set()
    record_changed_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(parse_active_files(work.stored.filter(pl.col("path").is_in(list(work.taken)))))


def _overtaken_receipts(work: MergeContext) -> dict[str, str]:
    """Return receipt of the batch → the newest later receipt of other bytes of its file that is committed."""
    found = set(work.staged.settled)
    unsure = sorted({later for _, later in work.staged.newer} - found)
    if unsure:
        near = overlapping_files(work.stored, "_receipt", unsure[0], unsure[-1])
        rows = work.scan(parse_active_files(near), in_batch=False).filter(pl.col("_receipt").is_in(unsure))
        found |= set(rows.select("_receipt").unique().collect(engine="streaming").to_series())
    return {receipt: later for receipt, later in sorted(work.staged.newer) if later in found}


def _overtaken_rows(work: MergeContext, overtaken: Mapping[str, str]) -> pl.DataFrame:
    """Return the batch's rows of receipts that are overtaken, with the receipt that replaces them."""
    rows = work.scan(work.files if overtaken else (), in_batch=True)
    return _lost_to(rows, list(overtaken.items()))


def _superseded_versions(work: MergeContext, overtaken: Mapping[str, str]) -> pl.DataFrame:
    """Return the stored rows from earlier versions of the batch's files, with the receipt that replaces them."""
    pairs = [(older, receipt) for older, receipt in work.staged.versions if receipt not in overtaken]
    receipts = sorted(older for older, _ in pairs)
    near = overlapping_files(work.stored, "_receipt", receipts[0], receipts[-1]) if pairs else work.stored.clear()
    return _lost_to(work.scan(parse_active_files(near), in_batch=False), pairs)


def _lost_to(rows: pl.LazyFrame, replaced: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Return the rows of receipts that are ``replaced`` (pairs of receipt and survivor) as lost."""
    pairs = pl.DataFrame(replaced, {"_receipt": pl.String, "survivor_receipt": pl.String}, orient="row")
    older = rows.join(pairs.lazy(), on="_receipt")
    lost = older.select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row", "survivor_receipt"),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    return lost.collect(engine="streaming")


def replace_partitions(work: MergeContext) -> TableChange:
    """Keep, in each partition of the batch, only the rows of the newest source; rows of other receipts are superseded.

    Each receipt holds complete partitions, so the result does not depend on the order of batches. If its days are those
    of another zone, it holds complete parts of partitions: the hours that a day of the one zone shares with one of the
    other. A day of UTC then removes no hour of the local day that the file before has brought.
    """
    work.take(find_reread_rows(work))
    for partition, files in staged_partitions(work.files):
        near = parse_active_files(files_in_partition(work.stored, partition))
        both = pl.concat([work.scan(files, in_batch=True), work.scan(near, in_batch=False)])
        both = both.with_columns(_source_period(work).alias(PERIOD))
        held = both.group_by(PERIOD, "_receipt", "_source").agg(rows=pl.len(), _row=0).collect(engine="streaming")
        for part in held.partition_by(PERIOD):
            claims = part.sort(precedence_keys(None, work.staged.arrivals))
            if claims.height > 1:
                _check_replacement(work, partition, claims)
                same = both.filter(pl.col(PERIOD).eq_missing(pl.lit(part[PERIOD][0], dtype=part.schema[PERIOD])))
                record_lost_rows(work, _superseded_rows(same, claims["_receipt"][-1]))
    touched = work.stored.filter(pl.col("path").is_in(list(work.taken)))
    days = days_of_files(work, touched["path"].to_list()) | (set(work.staged.days) if work.files else set())
    record_changed_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(parse_active_files(touched))


def _source_period(work: MergeContext) -> pl.Expr:
    """The day (month, year) of a row in the zone of the source's days; null if they are the table's."""
    period, _, column = (work.write.partition or "").rstrip(")").partition("(")
    if not work.text_zone:
        return pl.lit(None, dtype=pl.Date())
    return pl.col(column).dt.convert_time_zone(work.text_zone).dt.date().dt.truncate(_PERIODS[period])


def _check_replacement(work: MergeContext, partition: Mapping[str, str | None], claims: pl.DataFrame) -> None:
    """Raise REPLACE_SHRINKS if the newest receipt (last) has far fewer rows of the partition than another one.

    A row that strayed into a file of another day would otherwise remove its whole day.
    """
    newest, largest = claims.row(-1, named=True), claims.sort("rows", maintain_order=True).row(-1, named=True)
    if newest["rows"] >= work.write.replace_min * largest["rows"]:
        return
    raise CitylakeError(
        "REPLACE_SHRINKS",
        dataset=work.staged.dataset,
        partition=", ".join(value or "—" for value in partition.values()),
        file=newest["_source"],
        rows=newest["rows"],
        before=largest["_source"],
        rows_before=largest["rows"],
        least=work.write.replace_min,
    )


def _superseded_rows(both: pl.LazyFrame, owner: str) -> pl.DataFrame:
    others = both.filter(pl.col("_receipt") != owner).select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row"),
        survivor_receipt=pl.lit(owner),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    return others.collect(engine="streaming")
