"""The outcome of a trial as one JSON document: what the terminal, the page and ``--json`` show."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from citylake.pipelines.flow.run_document import issue_json, problem_json
from citylake.pipelines.records import RowCounts
from citylake.pipelines.trial.trial_result import DatasetTrial, RowChanges, TrialOutcome
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry


def trial_document(outcome: TrialOutcome, registry: Registry) -> dict[str, Any]:
    """The document, with the words of ``registry`` for reasons.

    Its rows are those that were read; ``estimated`` has those of all receipts, if only a sample was.
    """
    return {
        "change": outcome.change,
        "since": outcome.since,
        "sampled": outcome.sampled,
        "exit_code": outcome.exit_code,
        "seconds": round(outcome.seconds, 3),
        "datasets": [_dataset(item, registry.contracts.get(item.dataset)) for item in outcome.datasets],
        "unchanged": outcome.unchanged,
        "indices": list(outcome.indices),
        "index_marts": list(outcome.index_marts),
    }


def _dataset(item: DatasetTrial, contract: Contract | None) -> dict[str, Any]:
    difference = item.difference
    return {
        "dataset": item.dataset,
        "status": item.status,
        "receipts": item.receipts,
        "receipts_total": item.receipts_total,
        "share": round(item.share, 6),
        "rows_in": item.today.rows_in,
        "today": _counts(item.today),
        "changed": _counts(item.changed),
        "became_bad": _changes(difference.bad, contract),
        "became_good": _changes(difference.good, contract),
        "other_reasons": difference.other_reasons,
        "only_today": difference.only_today,
        "only_changed": difference.only_changed,
        "changed_rows": difference.changed_rows,
        "columns": [asdict(change) for change in difference.columns],
        "columns_added": list(difference.added),
        "columns_removed": list(difference.removed),
        "days": list(difference.days),
        "marts": list(item.marts),
        "held_today": item.held_today,
        "held_changed": item.held_changed,
        "problems_today": [problem_json(each) for each in item.problems_today],
        "problems_changed": [problem_json(each) for each in item.problems_changed],
        "estimated": _estimated(item),
    }


def _counts(counts: RowCounts) -> dict[str, int]:
    return asdict(counts)


def _changes(changes: RowChanges, contract: Contract | None) -> dict[str, Any]:
    return {
        "rows": changes.rows,
        "reasons": [issue_json(contract, each.code, each.rows) for each in changes.reasons],
        "examples": [asdict(example) for example in changes.examples],
    }


def _estimated(item: DatasetTrial) -> dict[str, int] | None:
    if item.receipts == item.receipts_total:
        return None
    found = item.difference
    rows = {"rows_in": item.today.rows_in, "became_bad": found.bad.rows, "became_good": found.good.rows}
    return {name: item.estimate(count) for name, count in {**rows, "changed_rows": found.changed_rows}.items()}
