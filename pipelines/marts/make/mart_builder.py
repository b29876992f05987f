"""Builds marts: runs each table's SELECT over the standard tables for the days that changed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from citylake.pipelines.lake import conflict_retry
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import ChangedDays
from citylake.pipelines.marts.make.mart_engine import MartEngine, shared_engine
from citylake.pipelines.marts.make.mart_plan import mart_input_datasets, plan_mart_tables
from citylake.pipelines.marts.make.missing_days import MissingDays, current_versions, find_missing_days, summarize_gaps
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
    awaited: MissingDays = field(default_factory=dict)
    """Day of ``held`` → the datasets that it waits for."""
    gaps: tuple[DataGap, ...] = ()


@dataclass(frozen=True, slots=True)
class TableUpdate:
    """What an update did to one table."""

    work: TableBuild
    inputs: BuildInputs
    days: tuple[date, ...] | None
    """The days that were built; None: the whole table."""
    late: ChangedDays
    """The days that wait."""
    awaited: MissingDays
    """Day of ``late`` → the datasets that it waits for."""
    version: int
    """The table's version; -1: it does not exist."""

    def with_earlier(self, before: TableUpdate) -> TableUpdate:
        """Add the days of an earlier update of the same build."""
        if self.days is None or before.days is None:
            return replace(self, days=None)
        return replace(self, days=tuple(sorted({*before.days, *self.days})))


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
    plans = plan_mart_tables(mart, registry)
    works = [TableBuild(mart, name, planned, registry, lake) for name, planned in plans.items()]
    with shared_engine(engine, lake, registry.workspace) as made_in:
        done = _update_tables(works, waits, asked, made_in, full=full)
    held = {day: at for each in done for day, at in each.late.items()}
    own = f"mart.{mart.mart}."
    read = {name: at for each in done for name, at in each.inputs.versions.items() if not name.startswith(own)}
    # What came after the tables were read is not in them.
    versions = current_versions(lake, mart_input_datasets(mart, registry))
    versions |= {name: at for name, at in read.items() if name in versions}
    missing = summarize_gaps(find_missing_days(lake, registry, versions), registry, without=held)
    return MartBuild(
        mart.mart,
        {each.work.name: each.version for each in done},
        {each.work.name: each.days for each in done},
        read,
        _mart_fingerprint(mart, [each.inputs.fingerprint for each in done]),
        time.perf_counter() - start,
        held,
        {day: names for each in done for day, names in each.awaited.items()},
        missing,
    )


def _update_tables(
    works: Sequence[TableBuild], waits: WaitPolicy, asked: Iterable[date], engine: MartEngine, *, full: bool
) -> list[TableUpdate]:
    """Update the tables of one mart until each has read the others as they are. Raises COMMIT_CONFLICT."""
    done = [_update_table(work, waits, asked, engine, full=full) for work in works]
    for _ in range(conflict_retry.COMMIT_ATTEMPTS):
        if _read_each_other(done):
            return done
        again = [_update_table(work, waits, asked, engine, full=False) for work in works]
        done = [after.with_earlier(before) for before, after in zip(done, again, strict=True)]
    raise conflict_retry.conflict_error(works[0].root)


def declared_fingerprint(mart: Mart, registry: Registry, lake: Lake) -> str:
    """Return the hash of the declarations and the SQL that a build of the mart would record now."""
    plans = plan_mart_tables(mart, registry)
    works = (TableBuild(mart, name, planned, registry, lake) for name, planned in plans.items())
    return _mart_fingerprint(mart, [current_build_inputs(work).fingerprint for work in works])


def _mart_fingerprint(mart: Mart, tables: Iterable[str]) -> str:
    hashed = hashlib.sha256(mart.model_dump_json().encode())
    for fingerprint in tables:
        hashed.update(fingerprint.encode())
    return hashed.hexdigest()


def _read_each_other(done: Sequence[TableUpdate]) -> bool:
    """Return whether every table has read the others as they are now. Another run can replace one in between."""
    now = {f"mart.{each.work.mart.mart}.{each.work.name}": each.version for each in done}
    return all(now.get(name, at) == at for each in done for name, at in each.inputs.versions.items())


def due_days(mart: Mart, registry: Registry, lake: Lake, now: datetime) -> list[date]:
    """Return the changed days for which a dataset is missing and whose waiting time is over at ``now``."""
    waits = mart_wait_policy(mart, registry, lake, now)
    if not waits.missing:
        return []
    works = (
        TableBuild(mart, name, planned, registry, lake) for name, planned in plan_mart_tables(mart, registry).items()
    )
    told = [
        changed_input_days(
            work,
            stale_table_days(work, open_delta_if_exists(lake, work.root), current_build_inputs(work), full=False),
        )
        for work in works
        if work.table.day
    ]
    return sorted({day for each in told for day in waits.due(each)})


def _update_table(
    work: TableBuild, waits: WaitPolicy, asked: Iterable[date], engine: MartEngine, *, full: bool
) -> TableUpdate:
    """Update one table. If another run changes it meanwhile, the days are planned again. Raises COMMIT_CONFLICT."""
    return conflict_retry.retry_conflicts(work.root, partial(_try_update, work, waits, asked, engine, full=full))


def _try_update(
    work: TableBuild, waits: WaitPolicy, asked: Iterable[date], engine: MartEngine, *, full: bool
) -> TableUpdate:
    held = open_delta_if_exists(work.lake, work.root)
    now = current_build_inputs(work)
    waits = waits.as_read(work.lake, work.registry, now.versions)
    changed = stale_table_days(work, held, now, full=full)
    told = changed_input_days(work, changed) if waits.missing and work.table.day else {}
    late = {day: at for day, at in waits.held(told).items() if day not in set(asked)}
    # A table that does not exist yet is not created while all of its days have to wait.
    idle = bool(late) and changed is None and late.keys() == told.keys() and held is None
    days = () if idle else days_to_build(work.table, changed, late, asked)
    version = -1 if held is None else held.version()
    if days != ():
        version = build_table_days(work, held, replace(now, pending=late), days, engine)
    return TableUpdate(work, now, days, late, {day: waits.missing[day] for day in late}, version)
