"""Which register counts on which day, of those known and those that a batch brings."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl

from pipelines.commit.files import read_footers
from pipelines.commit.precedence import natural
from pipelines.commit.table import existing, open_table
from pipelines.commit.transaction import Change, commit_once, holds
from pipelines.lake import Lake
from pipelines.ledger import snapshots
from pipelines.records import Staged

if TYPE_CHECKING:
    from deltalake import DeltaTable


@dataclass(frozen=True, slots=True)
class Days:
    """``new``: days whose register the batch brings; ``restored``: known days right after one that is new."""

    new: list[date]
    restored: list[date]
    counted: pl.DataFrame
    """The effective day (named as in the contract) and ``_receipt`` of each of the batch's registers that counts."""
    receipts: Mapping[date, str]
    """The receipt whose register counts, by day."""


def note_registers(lake: Lake, staged: Staged, registers: pl.DataFrame) -> None:
    """Put the batch's registers (``effective, _receipt, _source``) into the ledger, once.

    Before the standard table is written: an entry counts only when that table's log has the batch.
    """
    root = lake.ledger(snapshots.TABLE)
    lake.makedirs(root)
    path = f"{root}/{staged.batch}-{uuid.uuid4().hex}.parquet"
    entries = registers.with_columns(
        _batch=pl.lit(staged.batch), dataset=pl.lit(staged.dataset), noted_at=pl.lit(datetime.now(UTC))
    ).select(snapshots.SCHEMA.names)

    def plan(_: DeltaTable) -> Change:
        entries.lazy().sink_parquet(path, storage_options=lake.storage_options)
        return Change(adds=read_footers(lake, root, [path]), written=[path])

    commit_once(lake, staged.batch, lambda: open_table(lake, root, snapshots.SCHEMA), plan)


def known(lake: Lake, staged: Staged, standard: DeltaTable) -> pl.DataFrame:
    """The registers in the standard table: ``effective, _receipt, _source``; of one read again, the last reading.

    Those that ``staged`` reads again are left out.
    """
    table = existing(lake, lake.ledger(snapshots.TABLE))
    if table is None:
        return pl.DataFrame(schema={"effective": pl.Date, "_receipt": pl.String, "_source": pl.String})
    again = pl.col("_receipt").is_in(list(staged.readings))
    entries = pl.scan_delta(table).filter(pl.col("dataset") == staged.dataset, ~again).collect(engine="streaming")
    done = [batch for batch in entries["_batch"].unique() if holds(standard, batch)]
    counted = entries.filter(pl.col("_batch").is_in(done)).sort("noted_at")
    last = counted.unique("_receipt", keep="last").select("_receipt", "_batch")
    return counted.join(last, on=["_receipt", "_batch"]).select("effective", "_receipt", "_source")


def days_of(before: pl.DataFrame, registers: pl.DataFrame, effective: str) -> Days:
    """Place the batch's ``registers`` among those known ``before``; on one day the newest source's counts."""
    mine = registers.with_columns(mine=pl.lit(value=True))
    every = pl.concat(
        [before.with_columns(mine=pl.lit(value=False)), mine.select("effective", "_receipt", "_source", "mine")]
    )
    ordered = every.sort(natural(pl.col("_source")), "_source", "_receipt")
    counts = ordered.unique("effective", keep="last", maintain_order=True).sort("effective")
    new = counts.filter("mine")["effective"].to_list()
    after = counts.with_columns(follows=pl.col("mine").shift(fill_value=False))
    restored = after.filter(~pl.col("mine") & pl.col("follows"))["effective"].to_list()
    counted = counts.filter("mine").select(pl.col("effective").alias(effective), "_receipt")
    return Days(new, restored, counted, dict(counts.select("effective", "_receipt").iter_rows()))
