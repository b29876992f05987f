"""Append, and replace: whole files come and go; only a receipt that is read again has its earlier rows taken out."""

from __future__ import annotations

import polars as pl

from pipelines.commit.files import as_files
from pipelines.commit.transaction import Change
from pipelines.commit.upsert import changed_days, note_days
from pipelines.commit.work import FILE, Work, earlier_readings
from schemas.contract import Write

APPEND = Write(mode="append")


def append(work: Work) -> Change:
    """Add the staged files; the earlier rows of the same receipts go."""
    stale = earlier_readings(work)
    work.take(stale)
    days = changed_days(work, stale[FILE].unique().to_list())
    days |= set(work.staged.days) if work.files else set()
    note_days(work, days, changed=bool(work.files or work.taken))
    return work.finish(as_files(work.stored.filter(pl.col("path").is_in(list(work.taken)))))


def replace(work: Work) -> Change:
    """Add the staged files in place of everything that their partitions held. Rows that go are noted as superseded."""
    partitions = [dict(file.partition) for file in work.files]
    gone = [file for file in as_files(work.stored) if dict(file.partition) in partitions]
    others = work.stored.filter(~pl.col("path").is_in([file.path for file in gone]))
    _note(work, [file.path for file in gone])
    work.stored = others
    change = append(work)
    change.removes += gone
    return change


def _note(work: Work, paths: list[str]) -> None:
    gone = work.scan(as_files(work.stored.filter(pl.col("path").is_in(paths))), in_batch=False)
    lost = gone.filter(~pl.col("_receipt").is_in(list(work.staged.readings))).select(
        *("_batch", "_receipt", "_row"),
        survivor_receipt=pl.lit(max(work.staged.receipts)),
        survivor_row=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("superseded"),
    )
    rows = int(lost.select(pl.len()).collect(engine="streaming").item()) if paths else 0
    if rows:
        work.superseded += rows
        work.lose(lost)
