"""Building marts: each table's SELECT over the standard tables, for the days that changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from pipelines.build.days import Basis, to_make
from pipelines.build.engine import Engine, lent
from pipelines.build.gaps import gaps, lacking
from pipelines.build.notices import incomplete, waiting
from pipelines.build.plan import inputs, marts_in_order, plan
from pipelines.build.table import Work, made_from, make, news, stale
from pipelines.build.views import version_of
from pipelines.build.waiting import IMPATIENT, Patience, patience
from pipelines.context import Context
from pipelines.delta import existing
from pipelines.lake import Lake
from pipelines.ledger.changes import Changed
from pipelines.records import Gap, Publication
from schemas.faults import CitylakeError, Problem
from schemas.mart import Mart
from schemas.registry import Registry

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
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
    held: Changed = field(default_factory=dict)
    """Days that changed and wait for another dataset."""
    gaps: tuple[Gap, ...] = ()


def build_and_publish(context: Context, marts: Iterable[str], *, patient: bool = False) -> list[Publication]:
    """Build and publish ``marts``, those that others read first; one that fails does not stop the others.

    ``patient``: a day that lacks a dataset waits for it, as long as the mart's declaration says.
    """
    return [_watched(context, name, patient=patient) for name in marts_in_order(marts, context.registry)]


def build(
    mart: Mart,
    registry: Registry,
    lake: Lake,
    *,
    full: bool = False,
    asked: Iterable[date] = (),
    waits: Patience = IMPATIENT,
    engine: Engine | None = None,
) -> Built:
    """Bring the mart's curated tables up to date: the days that changed since they were made, or all of it.

    The days in ``asked`` are made again whether or not they changed or have to wait. Raises MART_SQL_FAILED,
    MART_COLUMNS_DIFFER and what ``plan`` raises.
    """
    start = time.perf_counter()
    days: dict[str, tuple[date, ...] | None] = {}
    read: dict[str, int] = {}
    held: Changed = {}
    hashed = hashlib.sha256(mart.model_dump_json().encode())
    with lent(engine, lake, registry.workspace.settings.timezone) as made_in:
        for name, planned in plan(mart, registry).items():
            work = Work(mart, name, planned, registry, lake)
            now, days[name], late = _brought_up(work, waits, asked, made_in, full=full)
            held |= late
            read |= {each: now.versions[each] for each in now.versions if not each.startswith(f"mart.{mart.mart}.")}
            hashed.update(now.fingerprint.encode())
    tables = {name: version_of(lake, lake.curated(mart.mart, name)) for name in mart.tables}
    missing = gaps(lacking(lake, registry, inputs(mart, registry)), registry, without=held)
    return Built(mart.mart, tables, days, read, hashed.hexdigest(), time.perf_counter() - start, held, missing)


def due_days(mart: Mart, registry: Registry, lake: Lake, now: datetime) -> list[date]:
    """The days that changed, lack a dataset, and have at ``now`` waited for it as long as the mart says."""
    waits = patience(mart, registry, lake, now)
    if not waits.missing:
        return []
    works = (Work(mart, name, planned, registry, lake) for name, planned in plan(mart, registry).items())
    told = [news(work, stale(work, made_from(work), full=False)) for work in works if work.table.day]
    return sorted({day for each in told for day in waits.due(each)})


def _brought_up(
    work: Work, waits: Patience, asked: Iterable[date], engine: Engine, *, full: bool
) -> tuple[Basis, tuple[date, ...] | None, Changed]:
    """Bring one table up to date: what it is made from, the days that were made, and those that wait."""
    now = made_from(work)
    changed = stale(work, now, full=full)
    told = news(work, changed) if waits.missing and work.table.day else {}
    late = {day: at for day, at in waits.held(told).items() if day not in set(asked)}
    # A table that does not exist yet is not made while every day that it would have has to wait.
    idle = bool(late) and changed is None and late.keys() == told.keys() and existing(work.lake, work.root) is None
    days = () if idle else to_make(work.table, changed, late, asked)
    if days != ():
        make(work, replace(now, pending=late), days, engine)
    return now, days, late


def _watched(context: Context, name: str, *, patient: bool) -> Publication:
    mart = context.registry.marts[name]
    context.watch.mart_begins(context, mart)
    done = _guarded(context, name, patient=patient)
    context.watch.mart_ends(context, mart, done)
    return done


def _guarded(context: Context, name: str, *, patient: bool) -> Publication:
    start = time.perf_counter()
    try:
        return _publication(context, context.registry.marts[name], start, patient=patient)
    except CitylakeError as error:
        problem = error.problem
    except Exception as error:
        log.exception("%s failed", name)
        problem = Problem("STEP_FAILED", {"what": name, "why": f"{type(error).__name__}: {error}"})
    failed = Publication(name, "failed", problems=(problem,), seconds=time.perf_counter() - start)
    context.ledger.add_publication(failed, {}, "", context.run.id)
    return failed


def _asked(context: Context) -> list[date]:
    """Every day from the run's first to its last; none where the run was not asked for days."""
    run = context.run
    if run.day_from is None and run.day_to is None:
        return []
    first, last = (date.fromisoformat(context.variables[name]) for name in ("DAY_FROM", "DAY_TO"))
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _missing(context: Context, mart: Mart) -> list[str]:
    """The datasets that the mart reads, where none of them has a table yet: it would be published empty."""
    read = sorted(inputs(mart, context.registry))
    lake = context.lake
    return read if all(version_of(lake, lake.standard(name)) < 0 for name in read) else []


def _versions(built: Built) -> dict[str, int]:
    """Delta versions of what was read and of what was made, by full name."""
    return {**built.inputs, **{f"mart.{built.mart}.{name}": version for name, version in built.tables.items()}}


def _publication(context: Context, mart: Mart, start: float, *, patient: bool) -> Publication:
    from pipelines.publish.step import publish

    missing = _missing(context, mart)
    if missing:
        notice = Problem("MART_WITHOUT_INPUT", {"mart": mart.mart, "datasets": ", ".join(missing)})
        return Publication(mart.mart, "unchanged", problems=(notice,), seconds=time.perf_counter() - start)
    context.tell(mart.mart, "build")
    waits = patience(mart, context.registry, context.lake, datetime.now(UTC)) if patient else IMPATIENT
    with Engine(context.lake, context.registry.workspace.settings.timezone, context.budget.engine) as engine:
        built = build(mart, context.registry, context.lake, asked=_asked(context), waits=waits, engine=engine)
        context.tell(mart.mart, "publish")
        if -1 in built.tables.values():
            done = Publication(mart.mart, "unchanged")
        else:
            done = publish(built, context.registry, context.lake, engine=engine)
    notices = (*incomplete(mart.mart, done.gaps), *waiting(mart.mart, built.held, waits))
    done = replace(
        done,
        problems=(*done.problems, *notices),
        versions=_versions(built),
        seconds=time.perf_counter() - start,
    )
    context.ledger.add_publication(done, built.inputs, built.fingerprint, context.run.id)
    context.ledger.add_checks(context.run.id, f"mart.{mart.mart}", done.version or "", done.checks)
    return done
