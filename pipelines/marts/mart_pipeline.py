"""One mart after the other: build, then publish, then record the result in the ledger."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.conflict_retry import COMMIT_ATTEMPTS
from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.lake.digests.record_files import record_curated_files, record_published_files
from citylake.pipelines.marts.gate.mart_gate import MartGate
from citylake.pipelines.marts.make.mart_builder import MartBuild, build_mart
from citylake.pipelines.marts.make.mart_engine import mart_engine
from citylake.pipelines.marts.make.mart_plan import mart_input_datasets, marts_in_order
from citylake.pipelines.marts.make.wait_policy import NO_WAIT, WaitPolicy, earliest_deadline, mart_wait_policy
from citylake.pipelines.marts.publish.mart_permissions import restrict_folders
from citylake.pipelines.marts.publish.publish_version import is_overtaken, publish_mart
from citylake.pipelines.marts.versions.record_rollback import record_rollback
from citylake.pipelines.records import DataGap, Publication
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.contained_faults import describe_fault, is_contained
from citylake.schemas.words.errors import CitylakeError, Problem

log = logging.getLogger(__name__)


def build_and_publish_marts(
    context: RunContext,
    marts: Iterable[str],
    *,
    patient: bool = False,
    rebuild: bool = False,
    accept: bool = False,
    again: bool = False,
) -> list[Publication]:
    """Build and publish ``marts`` in order of their dependencies. A mart that fails does not stop the others.

    ``patient``: a day for which a dataset is missing waits for it, as long as the mart's ``wait`` allows. ``rebuild``:
    every table is made anew, and published, also if nothing changed. ``accept``: broken expectations hold nothing.
    ``again``: what a person has rolled back is published again.
    """
    how = _Ways(patient=patient, rebuild=rebuild, accept=accept, again=again)
    return [_watched_publication(context, name, how) for name in marts_in_order(marts, context.registry)]


@dataclass(frozen=True, slots=True)
class _Ways:
    """The options of :func:`build_and_publish_marts`."""

    patient: bool
    rebuild: bool
    accept: bool
    again: bool


def _watched_publication(context: RunContext, name: str, how: _Ways) -> Publication:
    mart = context.registry.marts[name]
    context.watch.mart_begins(context, mart)
    done = _guarded_publication(context, name, how)
    context.watch.mart_ends(context, mart, done)
    return done


def _guarded_publication(context: RunContext, name: str, how: _Ways) -> Publication:
    start = time.perf_counter()
    try:
        return _build_and_publish_mart(context, context.registry.marts[name], start, how)
    except CitylakeError as error:
        problem = error.problem
    except BaseException as error:
        if not is_contained(error):
            raise
        log.exception("%s failed", name)
        problem = Problem("STEP_FAILED", {"what": name, "why": describe_fault(error)})
    failed = Publication(name, "failed", problems=(problem,), seconds=time.perf_counter() - start)
    context.ledger.add_publication(failed, {}, "", context.run.id, context.declared_revision())
    return failed


def _requested_days(context: RunContext) -> list[date]:
    """Return every day from the run's first to its last, or an empty list if the run has no days set."""
    run = context.run
    if run.day_from is None and run.day_to is None:
        return []
    first, last = (date.fromisoformat(context.variables[name]) for name in ("DAY_FROM", "DAY_TO"))
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _missing_datasets(context: RunContext, mart: Mart) -> list[str]:
    """Return the datasets that the mart reads if none of them has a table yet (the mart would be empty), else []."""
    read = sorted(mart_input_datasets(mart, context.registry))
    lake = context.lake
    return read if all(delta_version(lake, lake.standard(name)) < 0 for name in read) else []


def _delta_versions(built: MartBuild) -> dict[str, int]:
    """Return full name → Delta version of all tables that were read or built."""
    return {**built.inputs, **{f"mart.{built.mart}.{name}": version for name, version in built.tables.items()}}


def _build_and_publish_mart(context: RunContext, mart: Mart, start: float, how: _Ways) -> Publication:
    missing = _missing_datasets(context, mart)
    if missing:
        notice = Problem("MART_WITHOUT_INPUT", {"mart": mart.mart, "datasets": ", ".join(missing)})
        return Publication(mart.mart, "unchanged", problems=(notice,), seconds=time.perf_counter() - start)
    context.tell(mart.mart, "build")
    # One that a crash left unrecorded: the pointer of the next publication will tell nothing of it.
    record_rollback(context.ledger, context.run.id, mart.mart)
    _require_publishable(context, mart)
    waits = mart_wait_policy(mart, context.registry, context.lake, datetime.now(UTC)) if how.patient else NO_WAIT
    asked, rebuild = _requested_days(context), how.rebuild
    with mart_engine(context.lake, context.registry.workspace, context.budget.engine) as engine:
        for _ in range(COMMIT_ATTEMPTS):
            built = build_mart(
                mart, context.registry, context.lake, full=rebuild, asked=asked, waits=waits, engine=engine
            )
            context.tell(mart.mart, "publish")
            if -1 in built.tables.values():
                done = Publication(mart.mart, "unchanged")
            else:
                ways = {"anew": rebuild, "accept": how.accept, "again": how.again}
                done = publish_mart(built, context.registry, context.lake, engine=engine, **ways)
            done = _recorded_publication(context, done, built, waits, start)
            if not is_overtaken(done, built, context.lake):
                break
            asked, rebuild = [], False
    return done


def _require_publishable(context: RunContext, mart: Mart) -> None:
    """Raise MART_REFUSED, or what :func:`restrict_folders` raises, before anything of the mart is written."""
    with MartGate(context.registry) as gate:
        gate.require(mart.mart)
    restrict_folders(context.lake, mart, context.registry)


def _recorded_publication(
    context: RunContext, done: Publication, built: MartBuild, waits: WaitPolicy, start: float
) -> Publication:
    """Add the notices, and record the publication in the ledger."""
    notices = (*_incomplete_day_warnings(built.mart, done.gaps), *_waiting_day_warnings(built, waits))
    done = replace(
        done,
        problems=(*done.problems, *notices),
        versions=_delta_versions(built),
        seconds=time.perf_counter() - start,
    )
    revision = "" if done.status == "unchanged" else context.declared_revision()
    context.ledger.add_publication(done, built.inputs, built.fingerprint, context.run.id, revision)
    context.ledger.add_checks(context.run.id, f"mart.{built.mart}", done.version or "", done.checks)
    record_curated_files(context.ledger, context.run.id, built.mart, context.run.started_at)
    if any(problem.code == "MART_ROLLED_BACK" for problem in done.problems):
        record_rollback(context.ledger, context.run.id, built.mart)
    if done.status == "published":
        record_published_files(context.ledger, context.run.id, built.mart)
    return done


def _incomplete_day_warnings(mart: str, gaps: tuple[DataGap, ...]) -> list[Problem]:
    """Return one warning per dataset whose rows are missing for some days of the version."""
    values = ({"department": gap.department, "dataset": gap.dataset, "days": _spans(gap)} for gap in gaps)
    return [Problem("MART_INCOMPLETE", {"mart": mart, **each}) for each in values]


def _waiting_day_warnings(built: MartBuild, waits: WaitPolicy) -> list[Problem]:
    """Return a warning that lists the waiting days, the missing datasets and the deadline; empty if none wait."""
    if not built.held:
        return []
    names = sorted({name for missing in built.awaited.values() for name in missing})
    until = earliest_deadline(built.held, waits).astimezone(waits.zone)
    values = {
        "mart": built.mart,
        "days": ", ".join(day.isoformat() for day in sorted(built.held)),
        "datasets": ", ".join(names),
        "until": f"{until:%Y-%m-%d %H:%M}",
    }
    return [Problem("MART_WAITS", values)]


def _spans(gap: DataGap) -> str:
    return ", ".join(f"{first}" if first == last else f"{first} … {last}" for first, last in gap.days)
