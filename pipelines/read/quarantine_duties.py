"""Who must act on a quarantined row, and until when: from the issue types of its reasons and the working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.quarantine_states import WAITING_STATES, scan_row_states
from citylake.quality.calendars import WorkCalendar, load_work_calendar
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_types

Responsible = Literal["supplier", "lake"]


def scan_row_duties(lake: Lake, contract: Contract, registry: Registry, ledger: Ledger | None = None) -> pl.LazyFrame:
    """Return the rows of :func:`scan_row_states`, with who must act, and until when.

    Returns:
        Also ``dataset``; ``department``: the contract's owner, which is the supplier; ``responsible``: ``supplier`` if
        any reason is one that the supplier corrects, else ``lake``; ``due_on`` (Date, in the workspace's zone): so many
        working days after the row was refused first as the contract, or else the workspace, says. It is null of rows
        about which nobody has to do anything more.
    """
    rows = scan_row_states(lake, contract.dataset, ledger)
    named = rows.with_columns(
        pl.lit(contract.dataset).alias("dataset"),
        pl.lit(contract.owner.department).alias("department"),
        responsible_expr().alias("responsible"),
        _first_day(registry).alias("__first_day"),
    )
    due = named.join(_due_days(named, contract, registry), on="__first_day", how="left").drop("__first_day")
    waits = pl.col("state").is_in(WAITING_STATES)
    return due.with_columns(pl.when(waits).then("due_on"))


def count_waiting_rows(
    states: pl.LazyFrame, contract: Contract, registry: Registry, calendar: WorkCalendar, now: datetime
) -> tuple[int, int]:
    """Return how many rows of :func:`scan_row_states` somebody must act on, and how many of them are overdue.

    They are those of :func:`scan_row_duties`, counted in one reading. ``now``: with a zone.
    """
    settings = contract.quarantine or registry.workspace.settings.quarantine
    today = now.astimezone(ZoneInfo(registry.workspace.settings.timezone)).date()
    waiting = states.filter(pl.col("state").is_in(WAITING_STATES)).group_by(_first_day(registry)).agg(pl.len())
    days: list[tuple[date | None, int]] = waiting.collect(engine="streaming").rows()
    overdue = (n for day, n in days if day and calendar.add_workdays(day, settings.due_days) < today)
    return sum(n for _, n in days), sum(overdue)


def responsible_expr() -> pl.Expr:
    """Return ``supplier`` or ``lake`` from a row's ``codes``; a contract's own rules are the supplier's."""
    ours = [code for code, issue in issue_types().items() if issue.responsible == "lake"]
    all_ours = pl.col("codes").list.eval(pl.element().is_in(ours)).list.all()
    return pl.when(all_ours & (pl.col("codes").list.len() > 0)).then(pl.lit("lake")).otherwise(pl.lit("supplier"))


def is_overdue(now: datetime, registry: Registry) -> pl.Expr:
    """Return whether a row's due date has passed, in the workspace's zone at ``now`` (with a zone)."""
    zone = registry.workspace.settings.timezone
    today = pl.lit(now, pl.Datetime("us", "UTC")).dt.convert_time_zone(zone).dt.date()
    return (pl.col("due_on") < today).fill_null(value=False)


def _first_day(registry: Registry) -> pl.Expr:
    return pl.col("first_seen_at").dt.convert_time_zone(registry.workspace.settings.timezone).dt.date()


def _due_days(rows: pl.LazyFrame, contract: Contract, registry: Registry) -> pl.LazyFrame:
    """``__first_day, due_on`` of each day on which a row was refused first: as many rows as days."""
    settings = contract.quarantine or registry.workspace.settings.quarantine
    days = rows.select(pl.col("__first_day").unique()).collect(engine="streaming")["__first_day"].drop_nulls().to_list()
    calendar = load_work_calendar(registry.workspace)
    due = [calendar.add_workdays(day, settings.due_days) for day in days]
    return pl.LazyFrame({"__first_day": days, "due_on": due}, schema={"__first_day": pl.Date, "due_on": pl.Date})
