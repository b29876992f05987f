"""The page of a department: scorecard, costliest issues, whose work they are, response times, coverage."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.flow.run_document import issue_json
from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.next_commands import NextCommands
from citylake.pipelines.site.report.open_needs import Need
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.report.report_ledger import answer_entries
from citylake.pipelines.site.report.scorecard import dimension_scores
from citylake.pipelines.site.report.standard_coverage import coverage_document
from citylake.schemas.model.contract import Contract


def department_report(given: ReportInput, name: str, needs: list[Need]) -> dict[str, Any]:
    """Return the document of one department. ``needs``: of all departments."""
    contracts = given.departments[name]
    datasets = [contract.dataset for contract in contracts]
    ledger, now = given.ledger, given.now
    scores = ledger.table(statements.scorecard(datasets, now, given.dimensions))
    return {
        "lake": given.lake.url,
        "at": now.isoformat(),
        "department": name,
        "datasets": [entry for entry in given.overview["datasets"] if entry["dataset"] in datasets],
        "needs": [need for need in needs if need["department"] == name],
        "scorecard": scores,
        "scores": dimension_scores(scores),
        **_issues(given, contracts),
        "waiting": _waiting(given, datasets),
        "batch_decisions": ledger.table(statements.batch_decisions(datasets, now)),
        "row_decisions": ledger.table(statements.row_decisions(datasets, now)),
        "coverage": coverage_document(ledger, contracts, given.registry, now),
        "coverage_by_dataset": {
            each.dataset: coverage_document(ledger, [each], given.registry, now) for each in contracts
        },
        "trend": ledger.table(statements.rows_by_day(datasets, now)),
    }


def _issues(given: ReportInput, contracts: list[Contract]) -> dict[str, Any]:
    """Return ``issues``, the answer, and ``costly``: the same with texts and commands."""
    by_name = {contract.dataset: contract for contract in contracts}
    answer = given.ledger.table(statements.issues_by_code(sorted(by_name), given.now))
    next_ = NextCommands(given.lake.url, str(given.registry.workspace.root))
    costly = [
        {
            **issue_json(by_name[row["dataset"]], row["code"], row["rows"]),
            "dataset": row["dataset"],
            "title": by_name[row["dataset"]].title.model_dump(),
            "dimension": given.dimensions.get(row["code"]),
            "commands": next_.waiting(by_name[row["dataset"]]),
        }
        for row in answer_entries(answer)
    ]
    return {"issues": answer, "costly": costly}


def _waiting(given: ReportInput, datasets: list[str]) -> dict[str, int]:
    waits = [given.request.waiting[name] for name in datasets]
    parts = {who: sum(each.responsible.get(who, 0) for each in waits) for who in ("supplier", "lake")}
    overdue = sum(each.ages.get("overdue", 0) for each in waits)
    return {**parts, "waiting": sum(each.waiting for each in waits), "overdue": overdue}
