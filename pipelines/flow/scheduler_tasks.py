"""Each step as a task of a scheduler: arguments and results are ids and counts; everything else is in the lake."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from citylake.pipelines.context import RunContext, Watch, run_variables
from citylake.pipelines.flow.conductor import Conductor, StepName
from citylake.pipelines.flow.linked_marts import publish_linked_marts
from citylake.pipelines.flow.step_state import LakeStepState
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_access import check_writable
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.make.mart_builder import due_days
from citylake.pipelines.notify.late_alert import notify_late
from citylake.pipelines.notify.notify_channel import configured_channels
from citylake.pipelines.read.data_age import dataset_ages
from citylake.pipelines.records import BatchResult, PipelineBatch, Receipt, RowCounts, Run
from citylake.schemas.lint.valid_registry import environment_registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue

DayRange = tuple[str, str]
"""First and last day, ``yyyy-mm-dd``."""


def open_task_context(run: str, days: DayRange | None = None, watch: Watch | None = None) -> RunContext:
    """The context of a task: workspace and lake from ``CITYLAKE_WORKSPACE`` and ``CITYLAKE_LAKE``."""
    registry = environment_registry()
    lake = check_writable(Lake(os.environ.get("CITYLAKE_LAKE", "lake")))
    this = Run(run, datetime.now(UTC), *map(date.fromisoformat, days or ()))
    variables, asked = run_variables(registry, this), Asked(via="airflow")
    return RunContext(registry, lake, Ledger(lake), this, variables, watch=watch or Watch(), asked=asked)


def pull_task(dataset: str, run: str, days: DayRange | None = None) -> dict[str, Any]:
    """Fetch what there is for ``days`` (everything, if not given); returns the number of receipts by status."""
    state = _run_step("pull", dataset, run, days)
    return dict(Counter(receipt.status for receipt in state.load("pull", list[Receipt])))


def parse_task(dataset: str, run: str) -> dict[str, Any]:
    """Read the bytes; returns the number of receipts and of rows."""
    state = _run_step("parse", dataset, run)
    sources = state.sources() if state.has_news() else ()
    return {"receipts": len(sources), "rows": sum(source.estimate_rows() for source in sources)}


def conform_task(dataset: str, run: str) -> dict[str, Any]:
    """Bind, check and stage; returns the number of batches and of rows."""
    return _count_rows(_run_step("conform", dataset, run), "conform")


def audit_task(dataset: str, run: str) -> dict[str, Any]:
    """Evaluate the expectations on what is staged; returns the number of batches and of rows."""
    return _count_rows(_run_step("audit", dataset, run), "audit")


def commit_task(dataset: str, run: str, watch: Watch | None = None) -> dict[str, Any]:
    """Make it visible; returns counts, the days that changed, and in both languages why a part was ``stopped``."""
    state = _run_step("commit", dataset, run, watch=watch)
    results = [*state.acts(), *state.results()]
    return {
        **_count_rows(state, "commit"),
        "committed": sum(result.status == "committed" for result in results),
        "days": sorted({day.isoformat() for result in results for day in result.days}),
        "stopped": _stop_reasons(dataset, results),
    }


def settle_task(dataset: str, run: str) -> None:
    """Move the state of the sources, acknowledge their receipts, and remove what the steps left for each other."""
    _run_step("settle", dataset, run)


def freshness_task() -> dict[str, list[str]]:
    """Notify the owners of data that have become late or fresh again; returns late datasets and failed messages."""
    context = open_task_context("")
    found = dataset_ages(context, datetime.now(UTC))
    failed = notify_late(context, found, configured_channels())
    return {
        "late": [age.contract.dataset for age in found if age.late and age.contract],
        "failed": [render_issue(problem.code, problem.values, lang) for lang in ("zh", "en") for problem in failed],
    }


def due_task(mart: str) -> list[str]:
    """Days (``yyyy-mm-dd``) of the mart that have waited long enough for a dataset and are built without it."""
    context = open_task_context("")
    declared, now = context.registry.marts[mart], datetime.now(UTC)
    return [day.isoformat() for day in due_days(declared, context.registry, context.lake, now)]


def mart_task(mart: str, run: str, days: DayRange | None = None, watch: Watch | None = None) -> dict[str, Any]:
    """Build the days that changed and need not wait, and ``days``, and publish.

    Returns the version, the days that were built, and messages in both languages. Raises MART_STOPPED if no version was
    published.
    """
    context = open_task_context(run, days, watch)
    done = publish_linked_marts(context, [mart], patient=True)[0]
    context.ledger.flush()
    told = {lang: [render_issue(item.code, item.values, lang) for item in done.problems] for lang in ("zh", "en")}
    if done.status in ("held", "failed"):
        raise CitylakeError("MART_STOPPED", mart=mart, why={lang: " ".join(why) for lang, why in told.items()})
    built = sorted({day.isoformat() for each in done.days.values() for day in each or ()})
    return {"status": done.status, "version": done.version, "rows": dict(done.tables), "days": built, "told": told}


def _run_step(
    name: StepName, dataset: str, run: str, days: DayRange | None = None, watch: Watch | None = None
) -> LakeStepState:
    """Run one step in this process; returns the state that carries its result."""
    context = open_task_context(run, days, watch)
    context.ledger.expect([dataset])
    with LakeStepState(context.lake, run, dataset, context.budget) as state:
        Conductor(context, context.registry.contract(dataset), state).run(name)
    return state


def _count_rows(state: LakeStepState, step: str) -> dict[str, Any]:
    """The number of batches, and the sums of their rows, as ``step`` left them."""
    batches = state.load(step, list[PipelineBatch]) if state.has_news() else []
    counts = sum((batch.result.counts for batch in batches), RowCounts())
    return {
        "batches": len(batches),
        "rows_in": counts.rows_in,
        "standard": counts.standard,
        "quarantined": counts.quarantined,
        "duplicates": counts.duplicates,
        "filtered": counts.filtered,
        "values_refused": counts.values_refused,
    }


def _stop_reasons(dataset: str, results: list[BatchResult]) -> dict[str, str] | None:
    """Returned and not raised: the other batches are in the table, and what depends on them must run."""
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
