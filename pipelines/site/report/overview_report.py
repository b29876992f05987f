"""The overview of the report site: what needs a person first, then rows, ages and trends."""

from __future__ import annotations

from collections import Counter
from typing import Any

from citylake.pipelines.site.overview_page import overview_counts
from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.open_needs import open_needs
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.waiting_rows import AGE_GROUPS

_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")


def overview_report(given: ReportInput) -> dict[str, Any]:
    """Return the document of the overview in Airflow, with needs, numbers, ages and the trend."""
    needs, held = open_needs(given)
    names = sorted(given.registry.contracts)
    ledger, now = given.ledger, given.now
    return {
        **given.overview,
        "counts": overview_counts(given.overview["datasets"], given.overview["marts"]),
        "needs": needs,
        "held": held,
        "numbers": {name: ledger.number(statements.row_count(name, names, now)) for name in _COUNTS},
        "trend": ledger.table(statements.rows_by_day(names, now)),
        "ages": _ages(given),
        "department_list": [_department_entry(given, name) for name in given.departments],
    }


def _ages(given: ReportInput) -> list[dict[str, Any]]:
    """Return the waiting rows by due date and responsible party, in the order of AGE_GROUPS."""
    counted: Counter[str] = Counter()
    for waits in given.request.waiting.values():
        counted.update(waits.ages)
    return [{"age": age, "rows": counted[age]} for age in AGE_GROUPS]


def _department_entry(given: ReportInput, name: str) -> dict[str, Any]:
    contracts = given.departments[name]
    mine = {contract.dataset for contract in contracts}
    waiting = [given.request.waiting[dataset] for dataset in mine]
    late = [entry for entry in given.overview["datasets"] if entry["dataset"] in mine and entry["freshness"]["late"]]
    return {
        "department": name,
        "datasets": len(contracts),
        "late": len(late),
        "waiting": sum(waits.waiting for waits in waiting),
        "overdue": sum(waits.ages.get("overdue", 0) for waits in waiting),
    }
