"""Upsert: keeps the newest of all rows with the same key.

Rows are ordered by ``row_precedence.precedence_keys``, not by arrival, so the order of batches has no effect. Of rows
that are equal in every contract column, the newest is kept too, with its provenance: with the older one, a row of an
age between the two could win later. If no keys match, no file is rewritten.

A key is unique in the whole table. If the partition follows from the key, and did so in the same way in earlier
versions, keys are looked up in the batch's partitions only; otherwise in all files whose bounds overlap the batch's
keys, and a row that moves leaves its old partition.
"""

from __future__ import annotations

from collections import Counter
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
from citylake.schemas.model.contract import WriteSettings

KEYS_AT_ONCE = 250_000
"""Number of keys compared in memory at once. Bounds the memory of a merge of any size."""
HASH_COLUMN = "__hash"
NEWEST_FILE = f"{FILE}__of_newest"


def upsert_batch(work: MergeContext, key: Sequence[str]) -> TableChange:
    """Merge the batch with the stored rows, by ``key``."""
    stale = find_reread_rows(work)
    work.take(stale)
    days = days_of_files(work, stale[FILE].unique().to_list())
    changed = stale.height > 0
    for within, files in _merge_groups(work, key):
        near = parse_active_files(_overlapping_files(within, files, key))
        partitions = _merge_files(work, key, files, near)
        changed = changed or bool(partitions)
        days = days.union(*(_partition_days(work, partition) for partition in partitions))
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


def merge_key(write: WriteSettings) -> list[str]:
    """The columns by which rows are the same one."""
    return [*write.key, *((write.valid.start,) if write.valid else ())]


def follows_from_key(work: MergeContext, key: Sequence[str]) -> bool:
    """Whether the partition of a row follows from its key."""
    _, _, column = (work.write.partition or "").rstrip(")").partition("(")
    return column in key


def _merge_groups(work: MergeContext, key: Sequence[str]) -> Iterator[tuple[pl.DataFrame, list[TableFile]]]:
    """Yield staged files with the stored files among which their keys can be."""
    if follows_from_key(work, key):
        for partition, files in staged_partitions(work.files):
            yield work.stored if work.text_zone else files_in_partition(work.stored, partition), files
    elif work.files:
        yield work.stored, list(work.files)


def _overlapping_files(near: pl.DataFrame, files: list[TableFile], key: Sequence[str]) -> pl.DataFrame:
    """Return the files of ``near`` that may contain a key of the batch, by their bounds."""
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


def _merge_files(
    work: MergeContext, key: Sequence[str], files: list[TableFile], near: list[TableFile]
) -> list[Mapping[str, str | None]]:
    """Remove the losing rows. Return the partitions whose content, apart from provenance, changes."""
    news, changed = _rows_by_folder(files), set[str]()
    meeting, held = _shared_key_hashes(work, key, files, near)
    near = [file for file in near if file.path in held]
    for start in range(0, len(meeting), KEYS_AT_ONCE):
        chosen = meeting.slice(start, KEYS_AT_ONCE)
        both = [work.scan(files, in_batch=True), work.scan(near, in_batch=False)]
        rows = pl.concat([side.filter(_hash(key).is_in(chosen.implode())) for side in both])
        lost = _losing_rows(work, key, rows.collect(engine="streaming"))
        record_lost_rows(work, lost)
        stays = (pl.col("kind") == "exact") & (_folder(FILE) == _folder(NEWEST_FILE))
        # Nothing new: a row of the batch that lost, or one that replaces an equal row in its place.
        for folder, count in lost.filter(pl.col(IN_BATCH) | stays).group_by(_folder(FILE)).len().iter_rows():
            news[folder] -= count
        changed |= set(lost.filter(~pl.col(IN_BATCH) & ~stays).select(_folder(FILE)).to_series())
    changed |= {folder for folder, count in news.items() if count > 0}
    partitions = {file.path.rpartition("/")[0]: file.partition for file in (*files, *near)}
    return [partition for folder, partition in partitions.items() if folder in changed]


def _rows_by_folder(files: Sequence[TableFile]) -> Counter[str]:
    found: Counter[str] = Counter()
    for file in files:
        found[file.path.rpartition("/")[0]] += file.rows
    return found


def _folder(column: str) -> pl.Expr:
    """The folder of a file's path: the path of its partition."""
    return pl.col(column).str.replace(r"/?[^/]*$", "").alias("folder")


def _hash(key: Sequence[str]) -> pl.Expr:
    return pl.struct(key).hash().alias(HASH_COLUMN)


def _shared_key_hashes(
    work: MergeContext, key: Sequence[str], files: list[TableFile], near: list[TableFile]
) -> tuple[pl.Series, set[str]]:
    """Return the hashes of keys that occur twice in the batch, or in the batch and the table, and the stored files.

    Hashes can collide; the keys are compared later.
    """
    # Keys are unique within a receipt, so a batch of one receipt has no repeated keys, unless it is a change log.
    several = len(work.staged.receipts) > 1 or work.write.changes
    if not near and not several:
        return pl.Series(HASH_COLUMN, dtype=pl.UInt64), set()
    batch = work.scan(files, in_batch=True).select(_hash(key)).collect(engine="streaming")[HASH_COLUMN]
    twice = batch.filter(batch.is_duplicated()) if several else batch.clear()
    if not near:
        return twice.unique(), set()
    # Only the columns of the key are read here; whole rows only of the files that have one of the keys.
    stored = work.scan(near, in_batch=False).select(_hash(key), FILE)
    held = stored.join(pl.LazyFrame({HASH_COLUMN: batch}), on=HASH_COLUMN, how="semi").collect(engine="streaming")
    return pl.concat([twice, held[HASH_COLUMN]]).unique(), set(held[FILE].unique())


def _losing_rows(work: MergeContext, key: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are not the newest of their key, each with the newest one as survivor.

    ``kind`` is ``exact`` if the two are equal in all contract columns, else ``superseded``.
    """
    ordered = rows.sort(
        *precedence_keys(work.write.latest_by, work.staged.arrivals),
        pl.col(IN_BATCH),
        nulls_last=False,
        maintain_order=True,
    )
    newest = ordered.unique(subset=list(key), keep="last", maintain_order=True)
    paired = ordered.join(newest, on=list(key), how="left", nulls_equal=True, suffix="__of_newest")
    same_row = (pl.col(FILE) == pl.col(NEWEST_FILE)) & (pl.col(AT) == pl.col(f"{AT}__of_newest"))
    others = [name for name in work.columns if name not in key]
    same = pl.all_horizontal(pl.lit(True), *(pl.col(name).eq_missing(pl.col(f"{name}__of_newest")) for name in others))  # noqa: FBT003
    return paired.filter(~same_row).select(
        *(FILE, AT, IN_BATCH, NEWEST_FILE, "_batch", "_receipt", "_row"),
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


def _partition_days(work: MergeContext, partition: Mapping[str, str | None]) -> set[date]:
    if "_day" not in partition:
        return set(work.staged.days)
    return {date.fromisoformat(partition["_day"])} if partition["_day"] else set()
