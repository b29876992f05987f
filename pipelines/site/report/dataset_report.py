"""The page of a dataset: what Airflow shows of it, with volume, issues by day, drift, profile and corrections."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.flow.run_document import issue_json
from citylake.pipelines.site.dataset_page import dataset_document
from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.next_commands import NextCommands
from citylake.pipelines.site.report.open_needs import Need
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.report.standard_coverage import coverage_document
from citylake.schemas.model.contract import Contract

MOST_DAYS = 366
"""Days of the standard table that the chart of its volume shows: the newest."""


def dataset_report(given: ReportInput, contract: Contract, needs: list[Need]) -> dict[str, Any]:
    """Return the document of one dataset."""
    name, ledger, now = contract.dataset, given.ledger, given.now
    tables = given.tables(contract)
    issues = ledger.table(statements.issues_by_day([name], now))
    return {
        **dataset_document(given.request, name),
        "needs": [need for need in needs if need["dataset"] == name],
        "volume": {
            "source": f"standard/{name}/_delta_log",
            "rows": tables.volume.rows,
            "days": tables.volume.days[-MOST_DAYS:],
            "all_days": len(tables.volume.days),
        },
        "numbers": {each: ledger.number(statements.row_count(each, [name], now)) for each in _COUNTS},
        "trend": ledger.table(statements.rows_by_day([name], now)),
        "issues": issues,
        "issue_texts": {code: issue_json(contract, code, 0) for code in {row[1] for row in issues["rows"]}},
        "waiting": {
            **tables.waiting.document(),
            "commands": _commands(given, contract, list(tables.waiting.responsible)),
        },
        "drift": ledger.table(statements.drift_events(name, now)),
        "profile": tables.profile,
        "corrections": ledger.table(statements.corrections(name, now)),
        "coverage": coverage_document(ledger, [contract], given.registry, now),
    }


_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")


def _commands(given: ReportInput, contract: Contract, parties: list[str]) -> list[str]:
    return NextCommands(given.lake.url, str(given.registry.workspace.root)).waiting(contract, parties)
