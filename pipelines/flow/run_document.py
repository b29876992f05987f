"""A run as one JSON document: the output of ``citylake run --json``, and the input of the run's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from citylake.pipelines.context import RunContext
from citylake.pipelines.records import BatchResult, DataGap, Publication, Receipt, RowCounts
from citylake.quality.check_result import CheckResult
from citylake.quality.report.run_summary import STATUS_ORDER
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.message_catalogue import issue_types, render_issue


def build_run_document(
    context: RunContext,
    batches: Sequence[BatchResult],
    publications: Sequence[Publication],
    exit_code: int,
    finished: datetime,
    conflicts: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The run, its datasets and its marts, ready for JSON. ``conflicts``: commits planned again, by table."""
    run = context.run
    grouped: dict[str, list[BatchResult]] = {}
    for batch in batches:
        grouped.setdefault(batch.dataset, []).append(batch)
    waiting = _waiting_batches(context, batches)
    return {
        "run": {
            "id": run.id,
            "started_at": run.started_at.isoformat(),
            "finished_at": finished.isoformat(),
            "seconds": round((finished - run.started_at).total_seconds(), 3),
            "workspace": str(context.registry.workspace.root),
            "lake": context.lake.url,
            "exit_code": exit_code,
            "conflicts": {root.removeprefix(f"{context.lake.url}/"): met for root, met in (conflicts or {}).items()},
        },
        "datasets": [
            _dataset_json(name, context.registry.contracts.get(name), group, waiting) for name, group in grouped.items()
        ],
        "marts": [_mart_json(context, item) for item in publications],
        "declarations": [
            problem_json(each.problem) for each in context.registry.faulty if each.kind not in ("dataset", "mart")
        ],
        "profile": context.budget.spent.seconds(),
        # The run's page in the report site, once it is built.
        "report": None,
    }


def _waiting_batches(context: RunContext, batches: Sequence[BatchResult]) -> set[str]:
    """The held batches about which a person can decide: not a replay, and not one that was committed since."""
    datasets = {batch.dataset for batch in batches if batch.status == "held"}
    if not datasets:
        return set()
    from citylake.pipelines.flow.held_batches import held_batches

    return {each.batch for each in held_batches(context.registry, context.ledger, datasets)}


def _dataset_json(
    name: str, contract: Contract | None, batches: Sequence[BatchResult], waiting: Collection[str]
) -> dict[str, Any]:
    counts = sum((batch.counts for batch in batches), RowCounts())
    issues: Counter[str] = Counter()
    for batch in batches:
        issues.update(batch.issues)
    return {
        "dataset": name,
        "title": contract.title.model_dump() if contract else {"zh": name, "en": name},
        "department": contract.owner.department if contract else "—",
        "status": next(state for state in STATUS_ORDER if any(batch.status == state for batch in batches)),
        "batch": next((batch.batch for batch in batches if batch.batch), None),
        "held": [batch.batch for batch in batches if batch.status == "held" and batch.batch in waiting],
        "receipts": [receipt_json(receipt) for batch in batches for receipt in batch.receipts],
        "rows_in": counts.rows_in,
        "rows_standard": counts.standard,
        "rows_quarantined": counts.quarantined,
        "rows_duplicate": counts.duplicates,
        "rows_superseded": sum(batch.superseded for batch in batches),
        "rows_filtered": counts.filtered,
        "values_refused": counts.values_refused,
        "issues": [issue_json(contract, code, rows) for code, rows in rank_issues(issues)],
        "checks": [check_json(check) for batch in batches for check in batch.checks],
        "planned_again": sum(batch.planned_again for batch in batches),
        "days": sorted({day.isoformat() for batch in batches for day in batch.days}),
        "problems": [problem_json(problem) for batch in batches for problem in batch.problems],
        "seconds": _merge_seconds(batches),
    }


def _merge_seconds(batches: Iterable[BatchResult]) -> dict[str, float]:
    """Each batch has the seconds of its whole dataset, so the last value per step counts."""
    merged: dict[str, float] = {}
    for batch in batches:
        merged |= batch.seconds
    return {step: round(seconds, 3) for step, seconds in merged.items()}


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """A fetch attempt, ready for JSON."""
    return {
        "id": receipt.id,
        "name": receipt.name,
        "source": receipt.source,
        "status": receipt.status,
        "sha256": receipt.sha256,
        "size_bytes": receipt.size_bytes,
        "declared_count": receipt.declared_count,
        "stored_count": receipt.stored_count,
        "proof": receipt.proof,
        "landing": list(receipt.landing),
        "problem": problem_json(receipt.problem) if receipt.problem else None,
    }


def rank_issues(rows: Mapping[str, int]) -> list[tuple[str, int]]:
    """Issue codes with their rows, most rows first; ties by code, so that the same data give the same report."""
    return sorted(rows.items(), key=lambda issue: (-issue[1], issue[0]))


def issue_json(contract: Contract | None, code: str, rows: int) -> dict[str, Any]:
    """An issue type with its number of rows, ready for JSON; for a contract's own rule, the contract's text."""
    known = issue_types().get(code)
    rule = next((rule for rule in (contract.rules if contract else ()) if rule.issue == code), None)
    words = rule.text if rule and rule.text else (known.title if known else None)
    return {
        "code": code,
        "severity": rule.severity if rule else (known.severity if known else "error"),
        "responsible": known.responsible if known else "supplier",
        "rows": rows,
        "text": words.model_dump() if words else {"zh": code, "en": code},
    }


def _mart_json(context: RunContext, item: Publication) -> dict[str, Any]:
    mart = context.registry.marts.get(item.mart)
    return {
        "mart": item.mart,
        "title": mart.title.model_dump() if mart else {"zh": item.mart, "en": item.mart},
        "status": item.status,
        "version": item.version,
        "path": item.path,
        "tables": dict(item.tables),
        "days": {
            table: None if days is None else [day.isoformat() for day in days] for table, days in item.days.items()
        },
        "incomplete": [gap_json(gap) for gap in item.gaps],
        "checks": [check_json(check) for check in item.checks],
        "problems": [problem_json(problem) for problem in item.problems],
        "seconds": round(item.seconds, 3),
    }


def gap_json(gap: DataGap) -> dict[str, Any]:
    """The gaps in a mart's version, ready for JSON."""
    days = [[day.isoformat() for day in span] for span in gap.days]
    return {"dataset": gap.dataset, "department": gap.department, "days": days}


def check_json(check: CheckResult) -> dict[str, Any]:
    """An evaluated expectation, ready for JSON."""
    return {
        "name": check.name,
        "passed": check.passed,
        "severity": check.severity,
        "dimension": check.dimension,
        "observed": check.observed,
        "expected": check.expected,
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """A fault in both languages, ready for JSON."""
    values: Mapping[str, Any] = problem.values
    return {"code": problem.code, "text": {lang: render_issue(problem.code, values, lang) for lang in ("zh", "en")}}
