"""Each step as a task of a scheduler: it takes and returns ids and counts, and finds the rest in the lake."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any

from citylake.pipelines.context import RunContext, Watch, run_variables
from citylake.pipelines.flow import dataset_steps, ingest_dataset
from citylake.pipelines.flow.stage_batches import PipelineBatch
from citylake.pipelines.flow.step_state import clear_step_state, read_step_state, write_step_state
from citylake.pipelines.lake.lake_access import check_writable
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.make.mart_builder import due_days
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.notify.held_alert import notify_held
from citylake.pipelines.notify.late_alert import notify_late
from citylake.pipelines.notify.notify_channel import configured_channels
from citylake.pipelines.read.data_age import dataset_ages
from citylake.pipelines.records import BatchResult, ParsedReceipt, Receipt, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.valid_registry import environment_registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue

DayRange = tuple[str, str]
"""First and last day, ``yyyy-mm-dd``."""


def open_task_context(run: str, days: DayRange | None = None, watch: Watch | None = None) -> RunContext:
    """The context of a task: workspace and lake from ``CITYLAKE_WORKSPACE`` and ``CITYLAKE_LAKE``."""
    registry = environment_registry()
    lake = check_writable(Lake(os.environ.get("CITYLAKE_LAKE", "lake")))
    this = Run(run, datetime.now(UTC), *map(date.fromisoformat, days or ()))
    return RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this), watch=watch or Watch())


def pull_task(dataset: str, run: str, days: DayRange | None = None) -> dict[str, Any]:
    """Fetch what there is for ``days`` (all, where not given); returns the number of receipts by status."""
    context, contract = _open_dataset(dataset, run, days)
    receipts = ingest_dataset.pull_step(context, contract)
    write_step_state(context.lake, run, dataset, "pull", list[Receipt], receipts)
    context.ledger.flush()
    states = [receipt.status for receipt in receipts]
    return {state: states.count(state) for state in dict.fromkeys(states)}


def parse_task(dataset: str, run: str) -> dict[str, Any]:
    """Read the bytes; returns receipts and rows."""
    context, contract = _open_dataset(dataset, run)
    receipts = read_step_state(context.lake, run, dataset, "pull", list[Receipt])
    parsed = dataset_steps.parse_step(context, contract, receipts)
    write_step_state(context.lake, run, dataset, "parse", list[ParsedReceipt], parsed)
    return {"receipts": len(parsed), "rows": sum(item.rows for item in parsed)}


def conform_task(dataset: str, run: str) -> dict[str, Any]:
    """Bind, check and stage; returns the counts of rows."""
    context, contract = _open_dataset(dataset, run)
    parsed = read_step_state(context.lake, run, dataset, "parse", list[ParsedReceipt])
    return _save_batches(
        context, dataset, "conform", list(dataset_steps.conform_step(context, contract, parsed).batches)
    )


def audit_task(dataset: str, run: str) -> dict[str, Any]:
    """Judge what is staged; returns the counts of rows."""
    context, contract = _open_dataset(dataset, run)
    batches = read_step_state(context.lake, run, dataset, "conform", list[PipelineBatch])
    batches = [dataset_steps.audit_step(context, contract, batch) for batch in batches]
    context.ledger.flush()
    return _save_batches(context, dataset, "audit", batches)


def commit_task(dataset: str, run: str, watch: Watch | None = None) -> dict[str, Any]:
    """Make it visible; returns counts, the days that changed, and in both languages why a part was ``stopped``."""
    context, contract = _open_dataset(dataset, run, watch=watch)
    batches = read_step_state(context.lake, run, dataset, "audit", list[PipelineBatch])
    batches = [dataset_steps.commit_step(context, contract, batch) for batch in batches]
    receipts = read_step_state(context.lake, run, dataset, "pull", list[Receipt])
    parsed = read_step_state(context.lake, run, dataset, "parse", list[ParsedReceipt])
    results = [batch.result for batch in batches] + ingest_dataset.results_without_batch(contract, receipts, parsed)
    # A task that is tried again may have come this far before.
    told = context.ledger.outcomes(run, dataset)
    news = [result for result in results if (result.batch, result.status) not in told]
    ingest_dataset.record_results(context, news)
    context.ledger.flush()
    ingest_dataset.settle_sources(context, contract, results)
    context.watch.dataset_ends(context, contract, results)
    notify_held(context, contract, news)
    return {
        **_save_batches(context, dataset, "commit", batches),
        "committed": sum(result.status == "committed" for result in results),
        "days": sorted({day.isoformat() for result in results for day in result.days}),
        "stopped": _stop_reasons(dataset, results),
    }


def settle_task(dataset: str, run: str) -> None:
    """Take away what the run's steps left for each other: nothing of it is asked for again."""
    clear_step_state(Lake(os.environ.get("CITYLAKE_LAKE", "lake")), run, dataset)


def freshness_task() -> dict[str, list[str]]:
    """Tell people whose data have become late, or fresh again; returns the datasets that are late, and what failed."""
    context = open_task_context("")
    found = dataset_ages(context, datetime.now(UTC))
    failed = notify_late(context, found, configured_channels())
    return {
        "late": [age.contract.dataset for age in found if age.late and age.contract],
        "failed": [render_issue(problem.code, problem.values, lang) for lang in ("zh", "en") for problem in failed],
    }


def due_task(mart: str) -> list[str]:
    """Days (``yyyy-mm-dd``) of the mart that have waited long enough for a dataset, and are to be built without it."""
    context = open_task_context("")
    declared, now = context.registry.marts[mart], datetime.now(UTC)
    return [day.isoformat() for day in due_days(declared, context.registry, context.lake, now)]


def mart_task(mart: str, run: str, days: DayRange | None = None, watch: Watch | None = None) -> dict[str, Any]:
    """Build what changed and need not wait, and ``days``, and publish.

    Returns the version, the days that were built, and what there is to tell in both languages. Raises MART_STOPPED
    where there is no version.
    """
    context = open_task_context(run, days, watch)
    done = build_and_publish_marts(context, [mart], patient=True)[0]
    context.ledger.flush()
    told = {lang: [render_issue(item.code, item.values, lang) for item in done.problems] for lang in ("zh", "en")}
    if done.status in ("held", "failed"):
        raise CitylakeError("MART_STOPPED", mart=mart, why={lang: " ".join(why) for lang, why in told.items()})
    built = sorted({day.isoformat() for each in done.days.values() for day in each or ()})
    return {"status": done.status, "version": done.version, "rows": dict(done.tables), "days": built, "told": told}


def _open_dataset(
    dataset: str, run: str, days: DayRange | None = None, watch: Watch | None = None
) -> tuple[RunContext, Contract]:
    context = open_task_context(run, days, watch)
    return context, context.registry.contracts[dataset]


def _save_batches(context: RunContext, dataset: str, step: str, batches: list[PipelineBatch]) -> dict[str, Any]:
    write_step_state(context.lake, context.run.id, dataset, step, list[PipelineBatch], batches)
    counts = [batch.result.counts for batch in batches]
    return {
        "batches": len(batches),
        "rows_in": sum(count.rows_in for count in counts),
        "standard": sum(count.standard for count in counts),
        "quarantined": sum(count.quarantined for count in counts),
        "duplicates": sum(count.duplicates for count in counts),
    }


def _stop_reasons(dataset: str, results: list[BatchResult]) -> dict[str, str] | None:
    """Not raised: what passed beside it is in the table, and whoever waits for that must hear of it."""
    stopped = [result for result in results if result.status in ("held", "incomplete", "failed")]
    if not stopped:
        return None
    problems = [problem for result in stopped for problem in result.problems]
    told = {
        language: [render_issue(item.code, item.values, language) for item in problems] for language in ("zh", "en")
    }
    return {
        language: render_issue("BATCH_HELD", {"dataset": dataset, "why": " ".join(why)}, language)
        for language, why in told.items()
    }
