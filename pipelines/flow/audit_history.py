"""What an audit compares a batch with: the rows and files of the standard table by day, and earlier batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from citylake.pipelines.commit.table_files import list_active_files
from citylake.pipelines.commit.table_schema import table_partition_column
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.records import ConformedBatch
from citylake.quality.audit import TableHistory
from citylake.quality.audit.day_totals import files_by_day
from citylake.quality.calendars import load_work_calendar
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.day_zones import other_text_zone, partition_day_zone

_DAY = "partition._day"


def find_table_history(context: RunContext, contract: Contract, staged: ConformedBatch, now: datetime) -> TableHistory:
    """Return the standard table before the batch: from the statistics of its Delta log, without reading a row.

    Empty if no check of the contract compares the batch with it.

    Raises CALENDAR_UNREADABLE.
    """
    registry = context.registry
    if not _compares(contract):
        return TableHistory()
    zone = partition_day_zone(contract, registry)
    by_day = table_partition_column(contract) == "_day"
    rows, files = _stored_days(context, contract)
    return TableHistory(
        by_day=by_day,
        rows=rows,
        files=files_by_day(files) if by_day else {},
        whole=() if by_day else files,
        batches=[] if by_day else context.ledger.row_history(contract.dataset),
        calendar=load_work_calendar(registry.workspace),
        today=now.astimezone(ZoneInfo(zone)).date(),
        zone=zone,
        replaced=sorted(staged.replaced_receipts),
        split_days=bool(other_text_zone(contract, registry)),
    )


def _compares(contract: Contract) -> bool:
    """Whether a check of the contract compares the batch with the table: its log is then read."""
    expect, write = contract.expect, contract.write
    against_history = expect.rows is not None and expect.rows.vs_history is not None
    register = write.mode == "snapshot" and write.effective
    of_days = expect.shift or expect.day_freshness or expect.days_present
    return bool(against_history or register or of_days or expect.intervals)


def _stored_days(context: RunContext, contract: Contract) -> tuple[Mapping[date, int], list[str]]:
    """Return the rows by day, if the table is partitioned by day, and all active files."""
    table = open_delta_if_exists(context.lake, context.lake.standard(contract.dataset))
    if table is None:
        return {}, []
    active = list_active_files(table)
    if _DAY not in active.columns:
        return {}, table.file_uris()
    counts = active.group_by(pl.col(_DAY).cast(pl.Date())).agg(pl.col("num_records").sum()).drop_nulls()
    return {day: int(count) for day, count in counts.iter_rows()}, table.file_uris()
