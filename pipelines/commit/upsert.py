"""Upsert: of all rows with the same key, the newest stays.

Rows are compared by :func:`pipelines.commit.precedence.precedence`, never by arrival, so batches in any order give the
same table. Of rows that agree in every contract column, too, the newest stays (and gives its provenance): were the
older kept, its age would later let a row win that it should not. Where no key meets another, nothing is rewritten.
A key is looked for in the batch's partitions only: a row whose partition value itself was corrected is another row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from pipelines.commit.files import File, as_files
from pipelines.commit.precedence import precedence
from pipelines.commit.transaction import Change
from pipelines.commit.work import AT, FILE, IN_BATCH, Work, earlier_readings, overlapping

KEYS_AT_ONCE = 250_000
"""Keys that are compared in memory together; bounds the memory of a conflict whatever its size."""
HASH = "__hash"


def upsert(work: Work, key: Sequence[str]) -> Change:
    """Resolve the batch against the stored rows of its partitions."""
    stale = earlier_readings(work)
    work.take(stale)
    days = changed_days(work, stale[FILE].unique().to_list())
    changed = stale.height > 0
    for partition, files in partitions(work.files):
        near = as_files(_near(work, partition, files, key))
        if _settle(work, key, files, near):
            changed = True
            days |= _days(work, partition)
    note_days(work, days, changed=changed)
    return work.finish(as_files(work.stored.filter(pl.col("path").is_in(list(work.taken)))))


def note_days(work: Work, days: set[date], *, changed: bool) -> None:
    """Keep in the log which days changed; where a table has no days, a change may be on any (``everything``)."""
    by_day = (work.write.partition or "").startswith("day(")
    work.change.note["days"] = sorted(day.isoformat() for day in days)
    work.change.note["everything"] = changed and not by_day


def partitions(files: Sequence[File]) -> Iterator[tuple[dict[str, str | None], list[File]]]:
    """The staged files of each partition."""
    groups: dict[tuple[tuple[str, str | None], ...], list[File]] = {}
    for file in files:
        groups.setdefault(tuple(sorted(file.partition.items())), []).append(file)
    for partition, group in sorted(groups.items(), key=str):
        yield dict(partition), group


def _near(work: Work, partition: dict[str, str | None], files: list[File], key: Sequence[str]) -> pl.DataFrame:
    """Stored files of the partition whose bounds let them hold one of the batch's keys."""
    near = of_partition(work.stored, partition)
    for name in key:
        if all(name in file.lower for file in files):
            least, most = min(file.lower[name] for file in files), max(file.upper[name] for file in files)
            near = overlapping(near, name, least, most)
    return near


def of_partition(stored: pl.DataFrame, partition: Mapping[str, str | None]) -> pl.DataFrame:
    """The stored files of one partition."""
    for name, value in partition.items():
        stored = stored.filter(pl.col(f"partition.{name}").cast(pl.String).eq_missing(pl.lit(value, dtype=pl.String)))
    return stored


def _settle(work: Work, key: Sequence[str], files: list[File], near: list[File]) -> bool:
    """Take the losers of one partition out; whether its contents (other than provenance) change."""
    new_rows = sum(file.rows for file in files)
    meeting = _meeting(work, key, files, near)
    for start in range(0, len(meeting), KEYS_AT_ONCE):
        chosen = meeting.slice(start, KEYS_AT_ONCE)
        both = [work.scan(files, in_batch=True), work.scan(near, in_batch=False)]
        rows = pl.concat([side.filter(_hash(key).is_in(chosen.implode())) for side in both])
        lost = _losers(work, key, rows.collect(engine="streaming"))
        note_lost(work, lost)
        came = lost.filter(pl.col(IN_BATCH) | (pl.col("kind") == "exact"))
        # An older stored row that gave way is a change, made by the newer row, which is among new_rows.
        new_rows -= came.height
    return new_rows > 0


def _hash(key: Sequence[str]) -> pl.Expr:
    return pl.struct(key).hash().alias(HASH)


def _meeting(work: Work, key: Sequence[str], files: list[File], near: list[File]) -> pl.Series:
    """Hashes of keys in the batch twice, or in the batch and the table. Hashes may collide; keys decide later."""
    # Keys are unique within one receipt, so a batch of one cannot meet itself, unless it tells every change.
    several = len(work.staged.receipts) > 1 or work.write.changes
    if not near and not several:
        return pl.Series(HASH, dtype=pl.UInt64)
    batch = work.scan(files, in_batch=True).select(_hash(key)).collect(engine="streaming")[HASH]
    twice = batch.filter(batch.is_duplicated()) if several else batch.clear()
    if not near:
        return twice.unique()
    stored = work.scan(near, in_batch=False).select(_hash(key))
    held = stored.join(pl.LazyFrame({HASH: batch}), on=HASH, how="semi").collect(engine="streaming")[HASH]
    return pl.concat([twice, held]).unique()


def _losers(work: Work, key: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not the newest of their key, with the one that is; ``FILE, AT, IN_BATCH, kind``."""
    ordered = rows.sort(*precedence(work.write.latest_by), pl.col(IN_BATCH), nulls_last=False, maintain_order=True)
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


def note_lost(work: Work, lost: pl.DataFrame) -> None:
    """Take the rows out, count them, and name them in the ledger of duplicates."""
    work.take(lost)
    if lost.is_empty():
        return
    exact = lost.filter(pl.col("kind") == "exact").height
    work.exact += exact
    work.superseded += lost.height - exact
    work.lose(lost.lazy())


def changed_days(work: Work, paths: list[str]) -> set[date]:
    """The days of the stored files at ``paths``; the batch's own where the table is not partitioned by day."""
    touched = work.stored.filter(pl.col("path").is_in(paths))
    days: set[date] = set()
    for file in as_files(touched):
        days |= _days(work, dict(file.partition))
    return days


def _days(work: Work, partition: dict[str, str | None]) -> set[date]:
    if "_day" not in partition:
        return set(work.staged.days)
    return {date.fromisoformat(partition["_day"])} if partition["_day"] else set()
