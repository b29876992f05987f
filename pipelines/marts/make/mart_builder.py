"""Builds marts: runs each table's SELECT over the standard tables for the days that changed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import ChangedDays
from citylake.pipelines.marts.make.delta_views import delta_version
from citylake.pipelines.marts.make.mart_engine import MartEngine, shared_engine
from citylake.pipelines.marts.make.mart_plan import mart_input_datasets, plan_mart_tables
from citylake.pipelines.marts.make.missing_days import find_missing_days, summarize_gaps
from citylake.pipelines.marts.make.rebuild_days import BuildInputs, days_to_build
from citylake.pipelines.marts.make.table_build import (
    TableBuild,
    build_table_days,
    changed_input_days,
    current_build_inputs,
    stale_table_days,
)
from citylake.pipelines.marts.make.wait_policy import NO_WAIT, WaitPolicy, mart_wait_policy
from citylake.pipelines.records import DataGap
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class MartBuild:
    """The state of a mart's curated tables after a build."""

    mart: str
    tables: Mapping[str, int]
    """Table → Delta version."""
    days: Mapping[str, tuple[date, ...] | None]
    """Table → days that were built; None: the whole table."""
    inputs: Mapping[str, int]
    """Standard table, or table of another mart, that was read → Delta version; -1 if it does not exist yet."""
    fingerprint: str
    """Hash of the declarations and the SQL."""
    seconds: float = 0.0
    held: ChangedDays = field(default_factory=dict)
    """Changed days that wait for another dataset."""
    gaps: tuple[DataGap, ...] = ()


def build_mart(
    mart: Mart,
    registry: Registry,
    lake: Lake,
    *,
    full: bool = False,
    asked: Iterable[date] = (),
    waits: WaitPolicy = NO_WAIT,
    engine: MartEngine | None = None,
) -> MartBuild:
    """Update the mart's curated tables: rebuild the days that changed since the last build, or all if ``full``.

    The days in ``asked`` are rebuilt in any case, also if they have to wait. Raises MART_SQL_FAILED,
    MART_COLUMNS_DIFFER and the errors of ``plan_mart_tables``.
    """
    start = time.perf_counter()
    days: dict[str, tuple[date, ...] | None] = {}
    read: dict[str, int] = {}
    held: ChangedDays = {}
    hashed = hashlib.sha256(mart.model_dump_json().encode())
    with shared_engine(engine, lake, registry.workspace.settings.timezone) as made_in:
        for name, planned in plan_mart_tables(mart, registry).items():
            work = TableBuild(mart, name, planned, registry, lake)
            now, days[name], late = _update_table(work, waits, asked, made_in, full=full)
            held |= late
            read |= {each: now.versions[each] for each in now.versions if not each.startswith(f"mart.{mart.mart}.")}
            hashed.update(now.fingerprint.encode())
    tables = {name: delta_version(lake, lake.curated(mart.mart, name)) for name in mart.tables}
    missing = summarize_gaps(
        find_missing_days(lake, registry, mart_input_datasets(mart, registry)), registry, without=held
    )
    return MartBuild(mart.mart, tables, days, read, hashed.hexdigest(), time.perf_counter() - start, held, missing)


def due_days(mart: Mart, registry: Registry, lake: Lake, now: datetime) -> list[date]:
    """Return the changed days for which a dataset is missing and whose waiting time is over at ``now``."""
    waits = mart_wait_policy(mart, registry, lake, now)
    if not waits.missing:
        return []
    works = (
        TableBuild(mart, name, planned, registry, lake) for name, planned in plan_mart_tables(mart, registry).items()
    )
    told = [
        changed_input_days(work, stale_table_days(work, current_build_inputs(work), full=False))
        for work in works
        if work.table.day
    ]
    return sorted({day for each in told for day in waits.due(each)})


def _update_table(
    work: TableBuild, waits: WaitPolicy, asked: Iterable[date], engine: MartEngine, *, full: bool
) -> tuple[BuildInputs, tuple[date, ...] | None, ChangedDays]:
    """Update one table. Return its inputs, the days that were built (None: all), and the days that wait."""
    now = current_build_inputs(work)
    changed = stale_table_days(work, now, full=full)
    told = changed_input_days(work, changed) if waits.missing and work.table.day else {}
    late = {day: at for day, at in waits.held(told).items() if day not in set(asked)}
    # A table that does not exist yet is not created while all of its days have to wait.
    idle = (
        bool(late)
        and changed is None
        and late.keys() == told.keys()
        and open_delta_if_exists(work.lake, work.root) is None
    )
    days = () if idle else days_to_build(work.table, changed, late, asked)
    if days != ():
        build_table_days(work, replace(now, pending=late), days, engine)
    return now, days, late
