"""Registers (full snapshots) as validity intervals, SCD type 2.

A row is valid from the day of its register until the day of the next register with other values. The table depends
only on the set of registers, not on their order. A late register is inserted between its neighbours: its values are
valid on its day, and the stored values are valid again from the next stored day. Equal neighbours form one interval. Of
two registers for the same day, the newer source's is used completely.

If a key is absent from a register, its interval ends on that day. If its row was quarantined, the register gives no
information on the key, and the interval continues. Provenance columns come from a row with these values; an interval
that is split keeps them on both sides.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange
from citylake.pipelines.commit.merge_context import AT, FILE, MergeContext
from citylake.pipelines.commit.register_days import RegisterDays, RestoredDay
from citylake.pipelines.commit.table_files import parse_active_files
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.row_key import key_text

VALID_FROM, VALID_TO = "valid_from", "valid_to"
EVENT_COLUMN, PRESENT_COLUMN = "__event", "__present"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stored intervals, the rows of the batch, and the days of all registers."""

    stored: pl.LazyFrame
    batch: pl.LazyFrame
    """All rows of the batch."""
    counted: pl.LazyFrame
    """Rows of the batch's valid registers."""
    days: RegisterDays
    key: Sequence[str]
    values: Sequence[str]
    """Contract columns whose change starts a new interval: all except the key and the effective date."""


def merge_snapshot(work: MergeContext, days: RegisterDays) -> TableChange:
    """Merge the batch's registers into the timeline. The whole table is rewritten if an interval changed."""
    effective = work.write.effective
    assert effective is not None
    key = work.write.key
    values = [name for name in work.columns if name != effective and name not in key]
    stored_files = parse_active_files(work.stored)
    batch = work.scan(work.files, in_batch=True)
    counted = batch.join(days.counted.lazy(), on=[effective, "_receipt"], how="semi")
    line = Timeline(work.scan(stored_files, in_batch=False), batch, counted, days, key, values)
    with scratch_folder() as folder:
        path = f"{folder}/intervals.parquet"
        validity_intervals(line, effective).sink_parquet(path)
        final = pl.scan_parquet(path)
        _record_lost_intervals(work, line, final, effective)
        if _intervals_unchanged(line.stored, final):
            work.change.note["days"] = []
            return work.change
        rows = final.select(work.schema.names())
        work.change.adds = [work.write_file(f"{work.staged.batch}-{uuid.uuid4().hex}.parquet", rows)]
    work.change.removes = stored_files
    work.change.note |= {"days": [day.isoformat() for day in work.staged.days], "everything": True}
    return work.change


def validity_intervals(line: Timeline, effective: str) -> pl.LazyFrame:
    """Return the new intervals, with the table's columns and ``FILE, AT, IN_BATCH`` of the row each comes from."""
    events = pl.concat([*_start_events(line, effective), *_end_events(line)], how="diagonal")
    identity = [*line.key, EVENT_COLUMN]
    ordered = events.sort(
        *identity, pl.col(PRESENT_COLUMN), descending=[*(False for _ in identity), True], nulls_last=True
    )
    first = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in identity)
    # If a value and an end fall on the same day, the value wins; it is sorted first.
    one_a_day = ordered.filter(first)
    steps = one_a_day.filter(_is_change(line))
    next_is_same_key = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(-1)) for name in line.key)
    until = pl.when(next_is_same_key).then(pl.col(EVENT_COLUMN).shift(-1))
    closed = steps.with_columns(
        pl.col(EVENT_COLUMN).alias(VALID_FROM), until.alias(VALID_TO), pl.col(EVENT_COLUMN).alias(effective)
    )
    return closed.filter(PRESENT_COLUMN).drop(EVENT_COLUMN, PRESENT_COLUMN)


def _is_change(line: Timeline) -> pl.Expr:
    """Return a Boolean: whether an event changes the state of its key (first value, end, or other values)."""
    same_key = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in line.key)
    before = pl.col(PRESENT_COLUMN).shift(fill_value=False) & same_key
    same_values = pl.all_horizontal(
        pl.lit(value=True), *(pl.col(name).eq_missing(pl.col(name).shift()) for name in line.values)
    )
    return pl.when("__present").then(~(before & same_values)).otherwise(before)


def _start_events(line: Timeline, effective: str) -> list[pl.LazyFrame]:
    """Return the start events: stored intervals, new registers, and stored values that are valid again."""
    kept = line.stored.filter(~pl.col(VALID_FROM).is_in(list(line.days.new)))
    parts = [_event(kept, pl.col(VALID_FROM)), _event(line.counted, pl.col(effective))]
    for again in line.days.restored:
        day = again.day
        holding = line.stored.filter(
            (pl.col(VALID_FROM) < day) & (pl.col(VALID_TO).is_null() | (pl.col(VALID_TO) > day))
        )
        parts.append(_event(holding.filter(_restoring_events(line, again)), pl.lit(day, dtype=pl.Date)))
    return parts


def _restoring_events(line: Timeline, again: RestoredDay) -> pl.Expr:
    key = key_text(line.key)
    return ~key.is_in(list(again.but)) if again.only is None else key.is_in(list(again.only))


def _end_events(line: Timeline) -> list[pl.LazyFrame]:
    """Return the possible end events: stored ends, and every new or restored day for every key."""
    ended = line.stored.filter(pl.col(VALID_TO).is_not_null() & ~pl.col(VALID_TO).is_in(list(line.days.new)))
    keys = pl.concat([line.stored.select(line.key), line.counted.select(line.key)]).unique()
    days = [*(RestoredDay(day, but=unsure) for day, unsure in line.days.new.items()), *line.days.restored]
    marks = [
        _end(keys.filter(_restoring_events(line, each)), pl.lit(each.day, dtype=pl.Date), line.key) for each in days
    ]
    return [_end(ended, pl.col(VALID_TO), line.key), *marks]


def _event(rows: pl.LazyFrame, day: pl.Expr) -> pl.LazyFrame:
    dated = rows.with_columns(day.alias(EVENT_COLUMN), pl.lit(value=True).alias(PRESENT_COLUMN))
    return dated.drop(VALID_FROM, VALID_TO)


def _end(rows: pl.LazyFrame, day: pl.Expr, key: Sequence[str]) -> pl.LazyFrame:
    return rows.select(*key, day.alias(EVENT_COLUMN), pl.lit(value=False).alias(PRESENT_COLUMN))


def _intervals_unchanged(stored: pl.LazyFrame, final: pl.LazyFrame) -> bool:
    """Return whether the intervals equal the stored ones."""
    identity = [FILE, AT, VALID_FROM, VALID_TO]
    kept = final.join(stored.select(identity), on=identity, how="semi", nulls_equal=True).select(pl.len())
    counts = pl.collect_all([kept, final.select(pl.len()), stored.select(pl.len())], engine="streaming")
    return len({count.item() for count in counts}) == 1


def _record_lost_intervals(work: MergeContext, line: Timeline, final: pl.LazyFrame, effective: str) -> None:
    """Record the rows that are in no interval: rows of the batch, and stored rows that were replaced."""
    receipts = list(work.staged.readings)
    came = line.batch.with_columns(pl.col(effective).alias("__on"))
    held = line.stored.filter(~pl.col("_receipt").is_in(receipts)).with_columns(pl.col(VALID_FROM).alias("__on"))
    candidates = pl.concat([came.drop(VALID_FROM, VALID_TO), held.drop(VALID_FROM, VALID_TO)])
    lost = candidates.join(final.select(FILE, AT), on=[FILE, AT], how="anti")
    named = _with_survivor(lost, line, final)
    winner = pl.col("__on").replace_strict(line.days.receipts, default=None, return_dtype=pl.String)
    rows = named.select(
        *("_batch", "_receipt", "_row"),
        survivor_receipt=pl.coalesce("__receipt", winner, "_receipt"),
        survivor_row=pl.col("__survivor_row"),
        kind=pl.when("__equal").then(pl.lit("exact")).otherwise(pl.lit("superseded")),
    ).collect(engine="streaming")
    if rows.height:
        work.exact += rows.filter(pl.col("kind") == "exact").height
        work.superseded += rows.filter(pl.col("kind") != "exact").height
        work.lose(rows.lazy())


def _with_survivor(lost: pl.LazyFrame, line: Timeline, final: pl.LazyFrame) -> pl.LazyFrame:
    """Join each lost row with the row that is valid for its key on its day, and whether their values are equal."""
    there = final.select(
        *line.key,
        pl.col(VALID_FROM),
        pl.col(VALID_TO),
        pl.col("_receipt").alias("__receipt"),
        pl.col("_row").alias("__survivor_row"),
        *(pl.col(name).alias(f"__of_{name}") for name in line.values),
    )
    pairs = lost.join(there, on=list(line.key), how="left", nulls_equal=True)
    holds = (pl.col(VALID_FROM) <= pl.col("__on")) & (pl.col(VALID_TO).is_null() | (pl.col(VALID_TO) > pl.col("__on")))
    equal = pl.all_horizontal(pl.lit(value=True), *(pl.col(c).eq_missing(pl.col(f"__of_{c}")) for c in line.values))
    covering = pairs.filter(holds.fill_null(value=False)).with_columns(__equal=equal)
    found = covering.select(FILE, AT, "__receipt", "__survivor_row", "__equal")
    return lost.join(found, on=[FILE, AT], how="left").with_columns(pl.col("__equal").fill_null(value=False))
