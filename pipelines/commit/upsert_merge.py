"""Upsert: keeps the newest of all rows with the same key.

Rows are ordered by ``row_precedence.precedence_keys``, not by arrival, so the order of batches has no effect. Of rows
that are equal in every contract column, the newest is kept too, with its provenance: with the older one, a row of an
age between the two could win later. If no keys match, no file is rewritten. Keys are looked up in the batch's
partitions only: a row whose partition value was corrected is a different row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

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
from citylake.pipelines.commit.table_files import TableFile, parse_active_files

KEYS_AT_ONCE = 250_000
"""Number of keys compared in memory at once. Bounds the memory of a merge of any size."""
HASH_COLUMN = "__hash"


def upsert_batch(work: MergeContext, key: Sequence[str]) -> TableChange:
    """Merge the batch with the stored rows of its partitions, by ``key``."""
    stale = find_reread_rows(work)
    work.take(stale)
    days = days_of_files(work, stale[FILE].unique().to_list())
    changed = stale.height > 0
    for partition, files in staged_partitions(work.files):
        near = parse_active_files(_overlapping_files(work, partition, files, key))
        if _merge_partition(work, key, files, near):
            changed = True
            days |= _partition_days(work, partition)
    record_changed_days(work, days, changed=changed)
    return work.finish(parse_active_files(work.stored.filter(pl.col("path").is_in(list(work.taken)))))


def record_changed_days(work: MergeContext, days: set[date], *, changed: bool) -> None:
    """Record the changed days in the commit note.

    If the table is not partitioned by day, a change can affect any day (``everything``).
    """
    by_day = (work.write.partition or "").startswith("day(")
    work.change.note["days"] = sorted(day.isoformat() for day in days)
    work.change.note["everything"] = changed and not by_day


def staged_partitions(files: Sequence[TableFile]) -> Iterator[tuple[dict[str, str | None], list[TableFile]]]:
    """Yield each partition with its files."""
    groups: dict[tuple[tuple[str, str | None], ...], list[TableFile]] = {}
    for file in files:
        groups.setdefault(tuple(sorted(file.partition.items())), []).append(file)
    for partition, group in sorted(groups.items(), key=str):
        yield dict(partition), group


def _overlapping_files(
    work: MergeContext, partition: dict[str, str | None], files: list[TableFile], key: Sequence[str]
) -> pl.DataFrame:
    """Return the stored files of the partition that may contain a key of the batch, by their bounds."""
    near = files_in_partition(work.stored, partition)
    for name in key:
        if all(name in file.lower for file in files):
            least, most = min(file.lower[name] for file in files), max(file.upper[name] for file in files)
            near = overlapping_files(near, name, least, most)
    return near


def files_in_partition(stored: pl.DataFrame, partition: Mapping[str, str | None]) -> pl.DataFrame:
    """Return the stored files of one partition."""
    for name, value in partition.items():
        stored = stored.filter(pl.col(f"partition.{name}").cast(pl.String).eq_missing(pl.lit(value, dtype=pl.String)))
    return stored


def _merge_partition(work: MergeContext, key: Sequence[str], files: list[TableFile], near: list[TableFile]) -> bool:
    """Remove the losing rows of one partition. Return whether its content, apart from provenance, changes."""
    new_rows = sum(file.rows for file in files)
    meeting = _shared_key_hashes(work, key, files, near)
    for start in range(0, len(meeting), KEYS_AT_ONCE):
        chosen = meeting.slice(start, KEYS_AT_ONCE)
        both = [work.scan(files, in_batch=True), work.scan(near, in_batch=False)]
        rows = pl.concat([side.filter(_hash(key).is_in(chosen.implode())) for side in both])
        lost = _losing_rows(work, key, rows.collect(engine="streaming"))
        record_lost_rows(work, lost)
        came = lost.filter(pl.col(IN_BATCH) | (pl.col("kind") == "exact"))
        # A stored row that was superseded is a change too, but it is counted by the newer row, which is in new_rows.
        new_rows -= came.height
    return new_rows > 0


def _hash(key: Sequence[str]) -> pl.Expr:
    return pl.struct(key).hash().alias(HASH_COLUMN)


def _shared_key_hashes(
    work: MergeContext, key: Sequence[str], files: list[TableFile], near: list[TableFile]
) -> pl.Series:
    """Return the hashes of keys that occur twice in the batch, or in the batch and the table.

    Hashes can collide; the keys are compared later.
    """
    # Keys are unique within a receipt, so a batch of one receipt has no repeated keys, unless it is a change log.
    several = len(work.staged.receipts) > 1 or work.write.changes
    if not near and not several:
        return pl.Series(HASH_COLUMN, dtype=pl.UInt64)
    batch = work.scan(files, in_batch=True).select(_hash(key)).collect(engine="streaming")[HASH_COLUMN]
    twice = batch.filter(batch.is_duplicated()) if several else batch.clear()
    if not near:
        return twice.unique()
    stored = work.scan(near, in_batch=False).select(_hash(key))
    held = stored.join(pl.LazyFrame({HASH_COLUMN: batch}), on=HASH_COLUMN, how="semi").collect(engine="streaming")[
        HASH_COLUMN
    ]
    return pl.concat([twice, held]).unique()


def _losing_rows(work: MergeContext, key: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are not the newest of their key, each with the newest one as survivor.

    ``kind`` is ``exact`` if the two are equal in all contract columns, else ``superseded``.
    """
    ordered = rows.sort(*precedence_keys(work.write.latest_by), pl.col(IN_BATCH), nulls_last=False, maintain_order=True)
    newest = ordered.unique(subset=list(key), keep="last", maintain_order=True)
    paired = ordered.join(newest, on=list(key), how="left", nulls_equal=True, suffix="__of_newest")
    same_row = (pl.col(FILE) == pl.col(f"{FILE}__of_newest")) & (pl.col(AT) == pl.col(f"{AT}__of_newest"))
    others = [name for name in work.columns if name not in key]
    same = pl.all_horizontal(pl.lit(True), *(pl.col(name).eq_missing(pl.col(f"{name}__of_newest")) for name in others))  # noqa: FBT003
    return paired.filter(~same_row).select(
        *(FILE, AT, IN_BATCH, "_batch", "_receipt", "_row"),
        survivor_receipt=pl.col("_receipt__of_newest"),
        survivor_row=pl.col("_row__of_newest"),
        kind=pl.when(same).then(pl.lit("exact")).otherwise(pl.lit("superseded")),
    )


def record_lost_rows(work: MergeContext, lost: pl.DataFrame) -> None:
    """Remove the rows, count them, and write them for the ledger of duplicates."""
    work.take(lost)
    if lost.is_empty():
        return
    exact = lost.filter(pl.col("kind") == "exact").height
    work.exact += exact
    work.superseded += lost.height - exact
    work.lose(lost.lazy())


def days_of_files(work: MergeContext, paths: list[str]) -> set[date]:
    """Return the days of the stored files at ``paths``, or the batch's days if the table is not partitioned by day."""
    touched = work.stored.filter(pl.col("path").is_in(paths))
    days: set[date] = set()
    for file in parse_active_files(touched):
        days |= _partition_days(work, dict(file.partition))
    return days


def _partition_days(work: MergeContext, partition: dict[str, str | None]) -> set[date]:
    if "_day" not in partition:
        return set(work.staged.days)
    return {date.fromisoformat(partition["_day"])} if partition["_day"] else set()
