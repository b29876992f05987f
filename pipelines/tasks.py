"""Each step as a task of a scheduler: it takes and returns ids and counts, and finds the rest in the lake."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any

from pipelines import ingest, steps
from pipelines.alert import alert
from pipelines.batches import Batch
from pipelines.build.step import build_and_publish, due_days
from pipelines.context import Context, variables
from pipelines.freshness import ages
from pipelines.handoff import clear, leave, take
from pipelines.lake import Lake
from pipelines.ledger import Ledger
from pipelines.notify.channel import channels
from pipelines.notify.held import tell_held
from pipelines.records import BatchResult, Parsed, Receipt, Run
from pipelines.usable import writable
from pipelines.watch import Watch
from schemas.catalogue import tell
from schemas.checked import of_environment
from schemas.contract import Contract
from schemas.faults import CitylakeError

Days = tuple[str, str]
"""First and last day, ``yyyy-mm-dd``."""


def open_context(run: str, days: Days | None = None, watch: Watch | None = None) -> Context:
    """The context of a task: workspace and lake from ``CITYLAKE_WORKSPACE`` and ``CITYLAKE_LAKE``."""
    registry = of_environment()
    lake = writable(Lake(os.environ.get("CITYLAKE_LAKE", "lake")))
    this = Run(run, datetime.now(UTC), *map(date.fromisoformat, days or ()))
    return Context(registry, lake, Ledger(lake), this, variables(registry, this), watch=watch or Watch())


def pull_task(dataset: str, run: str, days: Days | None = None) -> dict[str, Any]:
    """Fetch what there is for ``days`` (all, where not given); returns the number of receipts by status."""
    context, contract = _open(dataset, run, days)
    receipts = ingest.pull_step(context, contract)
    leave(context.lake, run, dataset, "pull", list[Receipt], receipts)
    context.ledger.flush()
    states = [receipt.status for receipt in receipts]
    return {state: states.count(state) for state in dict.fromkeys(states)}


def parse_task(dataset: str, run: str) -> dict[str, Any]:
    """Read the bytes; returns receipts and rows."""
    context, contract = _open(dataset, run)
    receipts = take(context.lake, run, dataset, "pull", list[Receipt])
    parsed = steps.parse_step(context, contract, receipts)
    leave(context.lake, run, dataset, "parse", list[Parsed], parsed)
    return {"receipts": len(parsed), "rows": sum(item.rows for item in parsed)}


def conform_task(dataset: str, run: str) -> dict[str, Any]:
    """Bind, check and stage; returns the counts of rows."""
    context, contract = _open(dataset, run)
    parsed = take(context.lake, run, dataset, "parse", list[Parsed])
    return _left(context, dataset, "conform", list(steps.conform_step(context, contract, parsed).batches))


def audit_task(dataset: str, run: str) -> dict[str, Any]:
    """Judge what is staged; returns the counts of rows."""
    context, contract = _open(dataset, run)
    batches = take(context.lake, run, dataset, "conform", list[Batch])
    batches = [steps.audit_step(context, contract, batch) for batch in batches]
    context.ledger.flush()
    return _left(context, dataset, "audit", batches)


def commit_task(dataset: str, run: str, watch: Watch | None = None) -> dict[str, Any]:
    """Make it visible; returns counts, the days that changed, and in both languages why a part was ``stopped``."""
    context, contract = _open(dataset, run, watch=watch)
    batches = take(context.lake, run, dataset, "audit", list[Batch])
    batches = [steps.commit_step(context, contract, batch) for batch in batches]
    receipts = take(context.lake, run, dataset, "pull", list[Receipt])
    parsed = take(context.lake, run, dataset, "parse", list[Parsed])
    results = [batch.result for batch in batches] + ingest.untaken(contract, receipts, parsed)
    # A task that is tried again may have come this far before.
    told = context.ledger.outcomes(run, dataset)
    news = [result for result in results if (result.batch, result.status) not in told]
    ingest.record(context, news)
    context.ledger.flush()
    ingest.settled(context, contract, results)
    context.watch.dataset_ends(context, contract, results)
    tell_held(context, contract, news)
    return {
        **_left(context, dataset, "commit", batches),
        "committed": sum(result.status == "committed" for result in results),
        "days": sorted({day.isoformat() for result in results for day in result.days}),
        "stopped": _stopped(dataset, results),
    }


def settle_task(dataset: str, run: str) -> None:
    """Take away what the run's steps left for each other: nothing of it is asked for again."""
    clear(Lake(os.environ.get("CITYLAKE_LAKE", "lake")), run, dataset)


def freshness_task() -> dict[str, list[str]]:
    """Tell people whose data have become late, or fresh again; returns the datasets that are late, and what failed."""
    context = open_context("")
    found = ages(context, datetime.now(UTC))
    failed = alert(context, found, channels())
    return {
        "late": [age.contract.dataset for age in found if age.late and age.contract],
        "failed": [tell(problem.code, problem.values, lang) for lang in ("zh", "en") for problem in failed],
    }


def due_task(mart: str) -> list[str]:
    """Days (``yyyy-mm-dd``) of the mart that have waited long enough for a dataset, and are to be built without it."""
    context = open_context("")
    declared, now = context.registry.marts[mart], datetime.now(UTC)
    return [day.isoformat() for day in due_days(declared, context.registry, context.lake, now)]


def mart_task(mart: str, run: str, days: Days | None = None, watch: Watch | None = None) -> dict[str, Any]:
    """Build what changed and need not wait, and ``days``, and publish.

    Returns the version, the days that were built, and what there is to tell in both languages. Raises MART_STOPPED
    where there is no version.
    """
    context = open_context(run, days, watch)
    done = build_and_publish(context, [mart], patient=True)[0]
    context.ledger.flush()
    told = {lang: [tell(item.code, item.values, lang) for item in done.problems] for lang in ("zh", "en")}
    if done.status in ("held", "failed"):
        raise CitylakeError("MART_STOPPED", mart=mart, why={lang: " ".join(why) for lang, why in told.items()})
    built = sorted({day.isoformat() for each in done.days.values() for day in each or ()})
    return {"status": done.status, "version": done.version, "rows": dict(done.tables), "days": built, "told": told}


def _open(dataset: str, run: str, days: Days | None = None, watch: Watch | None = None) -> tuple[Context, Contract]:
    context = open_context(run, days, watch)
    return context, context.registry.contracts[dataset]


def _left(context: Context, dataset: str, step: str, batches: list[Batch]) -> dict[str, Any]:
    leave(context.lake, context.run.id, dataset, step, list[Batch], batches)
    counts = [batch.result.counts for batch in batches]
    return {
        "batches": len(batches),
        "rows_in": sum(count.rows_in for count in counts),
        "standard": sum(count.standard for count in counts),
        "quarantined": sum(count.quarantined for count in counts),
        "duplicates": sum(count.duplicates for count in counts),
    }


def _stopped(dataset: str, results: list[BatchResult]) -> dict[str, str] | None:
    """Not raised: what passed beside it is in the table, and whoever waits for that must hear of it."""
    stopped = [result for result in results if result.status in ("held", "incomplete", "failed")]
    if not stopped:
        return None
    problems = [problem for result in stopped for problem in result.problems]
    told = {language: [tell(item.code, item.values, language) for item in problems] for language in ("zh", "en")}
    return {
        language: tell("BATCH_HELD", {"dataset": dataset, "why": " ".join(why)}, language)
        for language, why in told.items()
    }
