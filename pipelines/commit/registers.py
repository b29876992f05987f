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
from pipelines.commit.table import open_table
from pipelines.commit.transaction import Change, commit_once, holds
from pipelines.delta import scan
from pipelines.keytext import key_text
from pipelines.lake import Lake
from pipelines.ledger import snapshots
from pipelines.records import Staged
from schemas.contract import Write

if TYPE_CHECKING:
    from deltalake import DeltaTable


REGISTER = pl.Schema(
    {"effective": pl.Date(), "_receipt": pl.String(), "_source": pl.String(), "unsure": pl.List(pl.String())}
)
"""Columns of a register; ``unsure``: keys (:func:`pipelines.keytext.key_text`) whose only rows it refused."""
Keys = frozenset[str]
"""The same of one register."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A known day after a new one: what held from then on holds again, for ``only`` these keys, or all but ``but``."""

    day: date
    but: Keys = frozenset()
    only: Keys | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """``new``: days whose register the batch brings, with the keys whose rows it refused: of these it says nothing."""

    new: Mapping[date, Keys]
    restored: list[Restored]
    counted: pl.DataFrame
    """The effective day (named as in the contract) and ``_receipt`` of each of the batch's registers that counts."""
    receipts: Mapping[date, str]
    """The receipt whose register counts, by day."""


def note_registers(lake: Lake, staged: Staged, registers: pl.DataFrame) -> None:
    """Put the batch's registers (columns of ``REGISTER``) into the ledger, once.

    Before the standard table is written: an entry counts only when that table's log has the batch.
    """
    root = lake.ledger(snapshots.TABLE)
    lake.makedirs(root)
    path = f"{root}/{staged.batch}-{uuid.uuid4().hex}.parquet"
    entries = registers.with_columns(
        _batch=pl.lit(staged.batch), dataset=pl.lit(staged.dataset), noted_at=pl.lit(datetime.now(UTC))
    ).select(snapshots.SCHEMA.names())

    def plan(_: DeltaTable) -> Change:
        entries.lazy().sink_parquet(path, storage_options=lake.storage_options)
        return Change(adds=read_footers(lake, root, [path]), written=[path])

    commit_once(lake, staged.batch, lambda: open_table(lake, root, snapshots.SCHEMA), plan)


def registers_in(staged: Staged, rows: pl.LazyFrame, write: Write, lake: Lake) -> pl.DataFrame:
    """The registers in the batch's standard ``rows``, as ``REGISTER``."""
    effective = write.effective or ""
    found = rows.select(pl.col(effective).alias("effective"), "_receipt", "_source").unique()
    return (
        found.join(_unsure(staged, rows, write, lake), on="_receipt", how="left")
        .with_columns(pl.col("unsure").fill_null(pl.lit([], pl.List(pl.String))))
        .collect(engine="streaming")
    )


def _unsure(staged: Staged, rows: pl.LazyFrame, write: Write, lake: Lake) -> pl.LazyFrame:
    """``_receipt, unsure``: keys of refused rows that no good row of the same receipt has."""
    if not staged.quarantine:
        return pl.LazyFrame(schema={"_receipt": pl.String, "unsure": pl.List(pl.String)})
    refused = pl.scan_parquet(list(staged.quarantine), storage_options=lake.storage_options, glob=False)
    present = rows.select("_receipt", key_text(write.key).alias("key"))
    missing = refused.select("_receipt", "key").drop_nulls().unique().join(present, on=["_receipt", "key"], how="anti")
    return missing.group_by("_receipt").agg(pl.col("key").sort().alias("unsure"))


def known(lake: Lake, staged: Staged, standard: DeltaTable) -> pl.DataFrame:
    """The registers in the standard table, as ``REGISTER``; of one read again, the last reading.

    Those that ``staged`` reads again are left out.
    """
    rows = scan(lake, lake.ledger(snapshots.TABLE))
    if rows is None:
        return pl.DataFrame(schema=REGISTER)
    again = pl.col("_receipt").is_in(list(staged.readings))
    entries = rows.filter(pl.col("dataset") == staged.dataset, ~again).collect(engine="streaming")
    done = [batch for batch in entries["_batch"].unique() if holds(standard, batch)]
    counted = entries.filter(pl.col("_batch").is_in(done)).sort("noted_at")
    last = counted.unique("_receipt", keep="last").select("_receipt", "_batch")
    return counted.join(last, on=["_receipt", "_batch"]).select(REGISTER.names())


def days_of(before: pl.DataFrame, registers: pl.DataFrame, effective: str) -> Days:
    """Place the batch's ``registers`` among those known ``before``; on one day the newest source's counts."""
    mine = registers.with_columns(mine=pl.lit(value=True))
    every = pl.concat([before.with_columns(mine=pl.lit(value=False)), mine.select(*REGISTER, "mine")])
    ordered = every.sort(natural(pl.col("_source")), "_source", "_receipt")
    counts = ordered.unique("effective", keep="last", maintain_order=True).sort("effective")
    line = [
        (day, mine, frozenset(keys)) for day, mine, keys in counts.select("effective", "mine", "unsure").iter_rows()
    ]
    new = {day: keys for day, mine, keys in line if mine}
    counted = counts.filter("mine").select(pl.col("effective").alias(effective), "_receipt")
    return Days(new, _restored(line), counted, dict(counts.select("effective", "_receipt").iter_rows()))


def _restored(line: list[tuple[date, bool, Keys]]) -> list[Restored]:
    """After a new day, the next known day that is sure of a key says what holds for it from there on."""
    found: list[Restored] = []
    waiting: Keys | None = frozenset()  # None: every key
    for day, mine, unsure in line:
        if mine:
            waiting = None
        elif waiting is None:
            found.append(Restored(day, but=unsure))
            waiting = unsure
        elif waiting:
            found.append(Restored(day, only=waiting - unsure))
            waiting = waiting & unsure
    return found
