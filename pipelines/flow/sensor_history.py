"""The rows of a standard table that say what was usual before a batch: a bounded time, whatever the table's age."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.flow.sensor_rows import UTC_TIME, as_utc, scan_standard
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.sensor_series_plan import SeriesPlan

if TYPE_CHECKING:
    from deltalake import DeltaTable

RECEIPT = "_receipt"
HISTORY_ROWS = 2_000_000
"""Rows of history that are read for a batch, or as many as it has itself: a large dataset has a shorter history."""
_EARLY = 0.01
"""Share of a batch's rows that may be older than the time from which its history is counted: late rows."""


def scan_history(lake: Lake, contract: Contract, plan: SeriesPlan, staged: ConformedBatch) -> pl.LazyFrame | None:
    """Return the standard rows of the plan's history before the batch, up to its newest row; None if there are none.

    Rows that the batch replaces are not history: those of its receipts, and for write mode ``replace`` every row that
    is not older than the batch.
    """
    table = open_delta_if_exists(lake, lake.standard(contract.dataset))
    if table is None:
        return None
    bounds = _bounds(lake, plan, staged)
    if bounds is None:
        return None
    since, begins, until = bounds
    types = _schema(table, plan)
    if not {*plan.entity, plan.time, RECEIPT} <= set(types):
        return None
    time = as_utc(types, plan.time)
    last = time < begins if contract.write.mode == "replace" else time <= until
    files = _files_between(table, plan.time, since, until)
    if files.is_empty():
        return None
    since = max(since, _newest_rows_since(files, max(staged.counts.standard, HISTORY_ROWS)) or since)
    root = lake.standard(contract.dataset)
    rows = scan_standard(lake, [f"{root}/{path}" for path in files["path"]], types)
    return rows.filter(time >= since, last, ~pl.col(RECEIPT).is_in(sorted(staged.replaced_receipts)))


def _bounds(lake: Lake, plan: SeriesPlan, staged: ConformedBatch) -> tuple[datetime, datetime, datetime] | None:
    """The time from which history counts, the first time of the batch, and its last one."""
    fresh = scan_standard(lake, staged.standard)
    time = as_utc(fresh.collect_schema(), plan.time)
    early = time.quantile(_EARLY, "lower").alias("early")
    found = fresh.select(early, begins=time.min(), until=time.max()).collect(engine="streaming").row(0)
    if found[0] is None:
        return None
    return found[0] - parse_duration(plan.history), found[1], found[2]


def _files_between(table: DeltaTable, column: str, since: datetime, until: datetime) -> pl.DataFrame:
    """The files that may have rows between the two times, by the bounds that the log states: path, rows, least."""
    files = pl.DataFrame(table.get_add_actions(flatten=True))
    bounds = [f"{end}.{column}" for end in ("min", "max")]
    if not all(isinstance(files.schema.get(name), pl.Datetime) for name in bounds):
        return files.select("path", rows=pl.lit(0), least=pl.lit(None, UTC_TIME))
    least, most = (as_utc(files.schema, name) for name in bounds)
    near = ((least <= until) & (most >= since)).fill_null(value=True)
    return files.filter(near).select("path", rows=pl.col("num_records"), least=least)


def _newest_rows_since(files: pl.DataFrame, most: int) -> datetime | None:
    """The time from which the newest files have about ``most`` rows; None if all of them have fewer."""
    newest = files.drop_nulls("least").sort("least", descending=True)
    enough = newest.filter(pl.col("rows").cum_sum() >= most)
    return enough["least"].to_list()[0] if enough.height else None


def _schema(table: DeltaTable, plan: SeriesPlan) -> pl.Schema:
    """The types of the needed columns, as the table has them."""
    known = pl.Schema(table.schema().to_arrow())
    return pl.Schema({name: kind for name, kind in known.items() if name in {*plan.columns, RECEIPT}})
