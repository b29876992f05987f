"""Building marts: each table's SELECT over the standard tables, for the days that changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pipelines.build.days import with_asked
from pipelines.build.plan import inputs, marts_in_order, plan
from pipelines.build.table import Work, made_from, make, stale
from pipelines.build.views import version_of
from pipelines.context import Context
from pipelines.lake import Lake
from pipelines.records import Publication
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


def build_and_publish(context: Context, marts: Iterable[str]) -> list[Publication]:
    """Build and publish ``marts``, those that others read first; one that fails does not stop the others."""
    return [_guarded(context, name) for name in marts_in_order(marts, context.registry)]


def build(
    mart: Mart,
    registry: Registry,
    lake: Lake,
    *,
    full: bool = False,
    asked: Iterable[date] = (),
    memory_limit: str | None = None,
) -> Built:
    """Bring the mart's curated tables up to date: the days that changed since they were made, or all of it.

    The days in ``asked`` are made again whether or not they changed. Raises MART_SQL_FAILED, MART_COLUMNS_DIFFER and
    what ``plan`` raises.
    """
    start = time.perf_counter()
    days: dict[str, tuple[date, ...] | None] = {}
    inputs: dict[str, int] = {}
    hashed = hashlib.sha256(mart.model_dump_json().encode())
    for name, planned in plan(mart, registry).items():
        work = Work(mart, name, planned, registry, lake)
        now = made_from(work)
        days[name] = with_asked(mart.tables[name], stale(work, now, full=full), asked)
        if days[name] != ():
            make(work, now, days[name], memory_limit)
        inputs |= {each: now.versions[each] for each in now.versions if not each.startswith(f"mart.{mart.mart}.")}
        hashed.update(now.fingerprint.encode())
    tables = {name: version_of(lake, lake.curated(mart.mart, name)) for name in mart.tables}
    return Built(mart.mart, tables, days, inputs, hashed.hexdigest(), time.perf_counter() - start)


def _guarded(context: Context, name: str) -> Publication:
    start = time.perf_counter()
    try:
        return _publication(context, context.registry.marts[name], start)
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


def _publication(context: Context, mart: Mart, start: float) -> Publication:
    from pipelines.publish.step import publish

    missing = _missing(context, mart)
    if missing:
        notice = Problem("MART_WITHOUT_INPUT", {"mart": mart.mart, "datasets": ", ".join(missing)})
        return Publication(mart.mart, "unchanged", problems=(notice,), seconds=time.perf_counter() - start)
    limit = context.budget.engine
    context.tell(mart.mart, "build")
    built = build(mart, context.registry, context.lake, asked=_asked(context), memory_limit=limit)
    context.tell(mart.mart, "publish")
    done = replace(
        publish(built, context.registry, context.lake, memory_limit=limit), seconds=time.perf_counter() - start
    )
    context.ledger.add_publication(done, built.inputs, built.fingerprint, context.run.id)
    context.ledger.add_checks(context.run.id, f"mart.{mart.mart}", done.version or "", done.checks)
    return done
