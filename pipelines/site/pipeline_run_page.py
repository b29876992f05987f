"""The page of one run, built from the ledger, with the structure of ``citylake run --json``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from citylake.pipelines.flow.run_document import rank_issues
from citylake.pipelines.flow.run_pipeline import exit_code_for
from citylake.pipelines.lake.ledger import batches_table, checks_table, publications_table, receipts_table
from citylake.pipelines.site import ledger_entries
from citylake.pipelines.site.page_request import PageRequest
from citylake.pipelines.site.refusal_summary import refusals_by_field
from citylake.quality.report import run_summary

MAX_RUN_ROWS = 2000
MAX_INSPECTED = 8
"""Maximum number of datasets per run, and of batches per dataset, whose quarantine is read: it can be large."""
RunEntry = dict[str, Any]


def run_document(request: PageRequest, name: str, dataset: str | None = None, mart: str | None = None) -> RunEntry:
    """Return the document of a run; with ``dataset`` or ``mart``, only that part.

    The parts are separate, because runs of different DAGs in Airflow can have the same name. If the ledger has no such
    run, ``datasets`` and ``marts`` are empty.
    """
    datasets = [] if mart else _dataset_entries(request, name, dataset)
    marts = [] if dataset else _mart_entries(request, name, mart)
    times = [time for entry in [*datasets, *marts] for time in (entry["first_at"], entry["recorded_at"]) if time]
    return {
        "at": request.now.isoformat(),
        "run": {
            "id": name,
            "started_at": min(times, default=None),
            "finished_at": max(times, default=None),
            "lake": request.lake.url,
            "exit_code": exit_code_for({entry["status"] for entry in [*datasets, *marts]}),
        },
        "dataset": dataset,
        "mart": mart,
        "datasets": datasets,
        "marts": marts,
    }


def _run_rows(request: PageRequest, table: str, name: str, column: str, one: str | None) -> list[RunEntry]:
    """Return the run's rows in a ledger table, oldest first. If a row was recorded again, only the last one."""
    chosen = pl.col("run") == name
    found = ledger_entries.newest_entries(
        request.ledger, table, chosen if one is None else chosen & (pl.col(column) == one), MAX_RUN_ROWS
    )
    last = {tuple(row.get(part) or n for part in _ONE[table]): row for n, row in enumerate(reversed(found))}
    return list(last.values())


_ONE = {
    receipts_table.TABLE: ("id",),
    batches_table.TABLE: ("dataset", "batch"),
    checks_table.TABLE: ("subject", "batch", "name"),
    publications_table.TABLE: ("mart", "version"),
}
"""Key columns by ledger table. A row with a null in its key is never a repetition."""


def _group_by(found: list[RunEntry], column: str) -> dict[str, list[RunEntry]]:
    groups: dict[str, list[RunEntry]] = {}
    for row in found:
        groups.setdefault(row[column], []).append(row)
    return groups


def _dataset_entries(request: PageRequest, name: str, one: str | None) -> list[RunEntry]:
    receipts = _group_by(_run_rows(request, receipts_table.TABLE, name, "dataset", one), "dataset")
    batch_rows = _group_by(_run_rows(request, batches_table.TABLE, name, "dataset", one), "dataset")
    checks = _group_by(_run_rows(request, checks_table.TABLE, name, "subject", one), "subject")
    found = [
        _dataset_entry(
            request, dataset, receipts.get(dataset, []), batch_rows.get(dataset, []), checks.get(dataset, [])
        )
        for dataset in sorted(receipts.keys() | batch_rows.keys())
    ]
    refusing = [entry for entry in found if _refuses(entry)]
    for entry in refusing[:MAX_INSPECTED]:
        entry["fields"] = _field_refusals(request, entry["dataset"], batch_rows[entry["dataset"]])
    return found


def _field_refusals(request: PageRequest, dataset: str, batch_rows: list[RunEntry]) -> list[RunEntry]:
    batches = [row["batch"] for row in batch_rows if _refuses(row)][:MAX_INSPECTED]
    return refusals_by_field(request.lake, request.contract(dataset), dataset, batches, request.registry)


def _refuses(counts: RunEntry) -> bool:
    """Whether the quarantine has rows or values of the batches."""
    return bool(counts["rows_quarantined"] or counts["values_refused"])


def _dataset_entry(
    request: PageRequest, dataset: str, receipts: list[RunEntry], batch_rows: list[RunEntry], checks: list[RunEntry]
) -> RunEntry:
    """Merge the batches of a dataset in a run into one entry, as ``citylake run --json`` does."""
    contract = request.contract(dataset)
    batches = [ledger_entries.batch_entry(row, contract) for row in batch_rows]
    received = [ledger_entries.receipt_entry(row) for row in receipts]
    states = {batch["status"] for batch in batches}
    return {
        **request.head(dataset),
        "status": next((state for state in run_summary.STATUS_ORDER if state in states), "begun"),
        "batch": next((batch["batch"] for batch in batches if batch["batch"]), None),
        "first_at": min((receipt["requested_at"] for receipt in received), default=None),
        "recorded_at": max((batch["recorded_at"] for batch in batches), default=None),
        **{count: sum(batch[count] or 0 for batch in batches) for count in _COUNTS},
        "issues": _issue_entries(batches),
        "fields": [],
        "checks": [ledger_entries.check_entry(row) for row in checks],
        "days": sorted({day for batch in batches for day in batch["days"] or ()}),
        "problems": [problem for batch in batches for problem in batch["problems"]],
        "seconds": {step: time for batch in batches for step, time in batch["seconds"].items()},
        "receipts": received,
    }


_MORE_COUNTS = ("rows_filtered", "values_refused")
_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate", "rows_superseded", *_MORE_COUNTS)


def _issue_entries(batches: list[RunEntry]) -> list[RunEntry]:
    counted: Counter[str] = Counter()
    words: dict[str, RunEntry] = {}
    for issue in (issue for batch in batches for issue in batch["issues"]):
        counted[issue["code"]] += issue["rows"]
        words[issue["code"]] = issue
    return [{**words[code], "rows": count} for code, count in rank_issues(counted)]


def _mart_entries(request: PageRequest, name: str, one: str | None) -> list[RunEntry]:
    checks = _group_by(_run_rows(request, checks_table.TABLE, name, "subject", one), "subject")
    return [
        {
            **request.mart_head(row["mart"]),
            **ledger_entries.publication_entry(row),
            "first_at": None,
            "checks": [ledger_entries.check_entry(check) for check in checks.get(row["mart"], [])],
        }
        for row in _run_rows(request, publications_table.TABLE, name, "mart", one)
    ]
