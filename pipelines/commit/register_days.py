"""Decides which register is valid on which day, among the stored registers and those of a batch.

A register is a full snapshot of a dataset on an effective day.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange, commit_once, is_batch_committed
from citylake.pipelines.commit.row_precedence import arrival_key
from citylake.pipelines.commit.table_files import read_footers
from citylake.pipelines.commit.table_schema import open_or_create_table
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_clock import LakeClock
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import snapshots_table
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.ledger_compaction import compact_on_the_way
from citylake.pipelines.lake.ledger.ledger_order import newest_table_number
from citylake.pipelines.lake.ledger.ledger_upgrade import scan_ledger_files
from citylake.pipelines.lake.row_key import key_text
from citylake.pipelines.records import ConformedBatch
from citylake.schemas.model.contract import WriteSettings
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from deltalake import DeltaTable


REGISTER_SCHEMA = pl.Schema(
    {"effective": pl.Date(), "_receipt": pl.String(), "_source": pl.String(), "unsure": pl.List(pl.String())}
)
"""Columns of a register. ``unsure``: keys (``lake.row_key.key_text``) for which all its rows were quarantined."""
RegisterKeys = frozenset[str]
"""Keys of one register, as in ``unsure``."""


@dataclass(frozen=True, slots=True)
class RestoredDay:
    """A stored day after a new one, from which the stored values are valid again.

    It applies to the keys in ``only``, or to all keys except ``but`` if ``only`` is None.
    """

    day: date
    but: RegisterKeys = frozenset()
    only: RegisterKeys | None = None


@dataclass(frozen=True, slots=True)
class RegisterDays:
    """The days of all registers after a batch.

    ``new``: days whose valid register is in the batch, with its ``unsure`` keys, about which it gives no information.
    """

    new: Mapping[date, RegisterKeys]
    restored: list[RestoredDay]
    counted: pl.DataFrame
    """The effective day (named as in the contract) and ``_receipt`` of the batch's valid registers."""
    receipts: Mapping[date, str]
    """Day → receipt of the valid register."""


def record_registers(lake: Lake, staged: ConformedBatch, registers: pl.DataFrame) -> None:
    """Record the batch's registers (columns of ``REGISTER_SCHEMA``) in the ledger, once.

    Called before the standard table is written. An entry is valid only if that table's log contains the batch.
    """
    root = lake.ledger(snapshots_table.TABLE)
    lake.makedirs(root)
    path = f"{root}/{staged.batch}-{uuid.uuid4().hex}.parquet"
    number = LakeClock(lake).reserve(after=newest_table_number(lake, snapshots_table.TABLE, snapshots_table.SCHEMA))
    entries = registers.with_columns(
        _batch=pl.lit(staged.batch),
        dataset=pl.lit(staged.dataset),
        noted_at=pl.lit(datetime.now(UTC)),
        sequence=pl.lit(number, dtype=pl.Int64),
    ).select(snapshots_table.SCHEMA.names())

    @cache
    def planned() -> TableChange:
        entries.lazy().sink_parquet(path, storage_options=lake.storage_options)
        return TableChange(adds=read_footers(lake, root, [path]), written=[path])

    schema = snapshots_table.SCHEMA
    table, _, _ = commit_once(lake, staged.batch, lambda: open_or_create_table(lake, root, schema), lambda _: planned())
    compact_on_the_way(lake, snapshots_table.TABLE, schema, table)


def registers_in_batch(staged: ConformedBatch, rows: pl.LazyFrame, write: WriteSettings, lake: Lake) -> pl.DataFrame:
    """Return the registers in the batch's standard ``rows``, with the columns of ``REGISTER_SCHEMA``.

    Raises REGISTER_SHRINKS.
    """
    effective = pl.col(write.effective or "").alias("effective")
    counted = rows.group_by(effective, "_receipt", "_source").agg(rows=pl.len()).collect(engine="streaming")
    _check_days_of_receipts(staged, counted, write)
    found = counted.lazy().drop("rows")
    return (
        found.join(_unsure_keys(staged, rows, write, lake), on="_receipt", how="left")
        .with_columns(pl.col("unsure").fill_null(pl.lit([], pl.List(pl.String))))
        .collect(engine="streaming")
    )


def _check_days_of_receipts(staged: ConformedBatch, counted: pl.DataFrame, write: WriteSettings) -> None:
    """Raise REGISTER_SHRINKS if a file has several days and far fewer rows of one than of the day before or after.

    A row with another day in it would otherwise be a register of its own, and close every other entry.
    """
    days = counted.group_by("_receipt", "effective").agg(pl.col("rows").sum(), pl.col("_source").min())
    near = [pl.col("rows").shift(step).over("_receipt", order_by="effective") for step in (1, -1)]
    days = days.with_columns(beside=pl.max_horizontal(near))
    few = days.filter(pl.col("rows") < pl.col("beside") * write.replace_min).sort("_receipt", "effective")
    if few.height:
        first = few.row(0, named=True)
        values = {"day": first["effective"], "file": first["_source"], "rows": first["rows"], "beside": first["beside"]}
        raise CitylakeError("REGISTER_SHRINKS", dataset=staged.dataset, least=write.replace_min, **values)


def _unsure_keys(staged: ConformedBatch, rows: pl.LazyFrame, write: WriteSettings, lake: Lake) -> pl.LazyFrame:
    """Return ``_receipt, unsure``: keys of quarantined rows without a valid row of the same key and receipt."""
    if not staged.quarantine:
        return pl.LazyFrame(schema={"_receipt": pl.String, "unsure": pl.List(pl.String)})
    refused = pl.scan_parquet(list(staged.quarantine), storage_options=lake.storage_options, glob=False)
    present = rows.select("_receipt", key_text(write.key).alias("key"))
    missing = refused.select("_receipt", "key").drop_nulls().unique().join(present, on=["_receipt", "key"], how="anti")
    return missing.group_by("_receipt").agg(pl.col("key").sort().alias("unsure"))


def stored_registers(lake: Lake, staged: ConformedBatch, standard: DeltaTable) -> pl.DataFrame:
    """Return the registers of the standard table, with the columns of ``REGISTER_SCHEMA``.

    For a receipt read several times, only the last reading; without the receipts that ``staged`` reads again.
    """
    table = open_delta_if_exists(lake, lake.ledger(snapshots_table.TABLE))
    files = table.file_uris() if table else []
    rows = scan_ledger_files(lake, snapshots_table.TABLE, snapshots_table.SCHEMA, files)
    if rows is None:
        return pl.DataFrame(schema=REGISTER_SCHEMA)
    again = pl.col("_receipt").is_in(list(staged.readings))
    entries = rows.filter(pl.col("dataset") == staged.dataset, ~again).collect(engine="streaming")
    done = [batch for batch in entries["_batch"].unique() if is_batch_committed(standard, batch)]
    counted = entries.filter(pl.col("_batch").is_in(done)).sort(SEQUENCE, maintain_order=True)
    last = counted.unique("_receipt", keep="last", maintain_order=True).select("_receipt", "_batch")
    return counted.join(last, on=["_receipt", "_batch"]).select(REGISTER_SCHEMA.names())


def place_registers(
    before: pl.DataFrame, registers: pl.DataFrame, effective: str, arrivals: Mapping[str, str]
) -> RegisterDays:
    """Merge the batch's ``registers`` with the stored ones (``before``). On each day, the newest receipt is valid."""
    mine = registers.with_columns(mine=pl.lit(value=True))
    every = pl.concat([before.with_columns(mine=pl.lit(value=False)), mine.select(*REGISTER_SCHEMA, "mine")])
    ordered = every.sort(arrival_key(arrivals), "_receipt")
    counts = ordered.unique("effective", keep="last", maintain_order=True).sort("effective")
    line = [
        (day, mine, frozenset(keys)) for day, mine, keys in counts.select("effective", "mine", "unsure").iter_rows()
    ]
    new = {day: keys for day, mine, keys in line if mine}
    counted = counts.filter("mine").select(pl.col("effective").alias(effective), "_receipt")
    return RegisterDays(new, _restored_days(line), counted, dict(counts.select("effective", "_receipt").iter_rows()))


def _restored_days(line: list[tuple[date, bool, RegisterKeys]]) -> list[RestoredDay]:
    """Return the stored days after new days. For each key, the next stored register that includes it is valid again.

    ``line``: (day, is new, unsure keys) in order of days.
    """
    found: list[RestoredDay] = []
    waiting: RegisterKeys | None = frozenset()  # None: every key
    for day, mine, unsure in line:
        if mine:
            waiting = None
        elif waiting is None:
            found.append(RestoredDay(day, but=unsure))
            waiting = unsure
        elif waiting:
            found.append(RestoredDay(day, only=waiting - unsure))
            waiting = waiting & unsure
    return found
