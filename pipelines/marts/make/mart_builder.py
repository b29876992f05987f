"""Building marts: each table's SELECT over the standard tables, for the days that changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import ChangedDays
from citylake.pipelines.marts.make.build_warnings import incomplete_day_warnings, waiting_day_warnings
from citylake.pipelines.marts.make.delta_views import delta_version
from citylake.pipelines.marts.make.mart_engine import MartEngine, shared_engine
from citylake.pipelines.marts.make.mart_plan import mart_input_datasets, marts_in_order, plan_mart_tables
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
from citylake.pipelines.records import DataGap, Publication
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError, Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MartBuild:
    """A mart's curated tables as they stand after a build."""

    mart: str
    tables: Mapping[str, int]
    """Delta version by table."""
    days: Mapping[str, tuple[date, ...] | None]
    """Days that were made by table; None: all of it."""
    inputs: Mapping[str, int]
    """Delta version of every standard table, and table of another mart, that was read; -1 where there is none yet."""
    fingerprint: str
    """Hash of the declarations and the SQL."""
    seconds: float = 0.0
    held: ChangedDays = field(default_factory=dict)
    """Days that changed and wait for another dataset."""
    gaps: tuple[DataGap, ...] = ()


def build_and_publish_marts(context: RunContext, marts: Iterable[str], *, patient: bool = False) -> list[Publication]:
    """Build and publish ``marts``, those that others read first; one that fails does not stop the others.

    ``patient``: a day that lacks a dataset waits for it, as long as the mart's declaration says.
    """
    return [_watched_publication(context, name, patient=patient) for name in marts_in_order(marts, context.registry)]


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
    """Bring the mart's curated tables up to date: the days that changed since they were made, or all of it.

    The days in ``asked`` are made again whether or not they changed or have to wait. Raises MART_SQL_FAILED,
    MART_COLUMNS_DIFFER and what ``plan`` raises.
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
    """The days that changed, lack a dataset, and have at ``now`` waited for it as long as the mart says."""
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
    """Bring one table up to date: what it is made from, the days that were made, and those that wait."""
    now = current_build_inputs(work)
    changed = stale_table_days(work, now, full=full)
    told = changed_input_days(work, changed) if waits.missing and work.table.day else {}
    late = {day: at for day, at in waits.held(told).items() if day not in set(asked)}
    # A table that does not exist yet is not made while every day that it would have has to wait.
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


def _watched_publication(context: RunContext, name: str, *, patient: bool) -> Publication:
    mart = context.registry.marts[name]
    context.watch.mart_begins(context, mart)
    done = _guarded_publication(context, name, patient=patient)
    context.watch.mart_ends(context, mart, done)
    return done


def _guarded_publication(context: RunContext, name: str, *, patient: bool) -> Publication:
    start = time.perf_counter()
    try:
        return _build_and_publish_mart(context, context.registry.marts[name], start, patient=patient)
    except CitylakeError as error:
        problem = error.problem
    except Exception as error:
        log.exception("%s failed", name)
        problem = Problem("STEP_FAILED", {"what": name, "why": f"{type(error).__name__}: {error}"})
    failed = Publication(name, "failed", problems=(problem,), seconds=time.perf_counter() - start)
    context.ledger.add_publication(failed, {}, "", context.run.id)
    return failed


def _requested_days(context: RunContext) -> list[date]:
    """Every day from the run's first to its last; none where the run was not asked for days."""
    run = context.run
    if run.day_from is None and run.day_to is None:
        return []
    first, last = (date.fromisoformat(context.variables[name]) for name in ("DAY_FROM", "DAY_TO"))
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _missing_datasets(context: RunContext, mart: Mart) -> list[str]:
    """The datasets that the mart reads, where none of them has a table yet: it would be published empty."""
    read = sorted(mart_input_datasets(mart, context.registry))
    lake = context.lake
    return read if all(delta_version(lake, lake.standard(name)) < 0 for name in read) else []


def _delta_versions(built: MartBuild) -> dict[str, int]:
    """Delta versions of what was read and of what was made, by full name."""
    return {**built.inputs, **{f"mart.{built.mart}.{name}": version for name, version in built.tables.items()}}


def _build_and_publish_mart(context: RunContext, mart: Mart, start: float, *, patient: bool) -> Publication:
    from citylake.pipelines.marts.publish.publish_version import publish_mart

    missing = _missing_datasets(context, mart)
    if missing:
        notice = Problem("MART_WITHOUT_INPUT", {"mart": mart.mart, "datasets": ", ".join(missing)})
        return Publication(mart.mart, "unchanged", problems=(notice,), seconds=time.perf_counter() - start)
    context.tell(mart.mart, "build")
    waits = mart_wait_policy(mart, context.registry, context.lake, datetime.now(UTC)) if patient else NO_WAIT
    with MartEngine(context.lake, context.registry.workspace.settings.timezone, context.budget.engine) as engine:
        built = build_mart(
            mart, context.registry, context.lake, asked=_requested_days(context), waits=waits, engine=engine
        )
        context.tell(mart.mart, "publish")
        if -1 in built.tables.values():
            done = Publication(mart.mart, "unchanged")
        else:
            done = publish_mart(built, context.registry, context.lake, engine=engine)
    notices = (*incomplete_day_warnings(mart.mart, done.gaps), *waiting_day_warnings(mart.mart, built.held, waits))
    done = replace(
        done,
        problems=(*done.problems, *notices),
        versions=_delta_versions(built),
        seconds=time.perf_counter() - start,
    )
    context.ledger.add_publication(done, built.inputs, built.fingerprint, context.run.id)
    context.ledger.add_checks(context.run.id, f"mart.{mart.mart}", done.version or "", done.checks)
    return done
