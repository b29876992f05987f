"""What one run did, told from the ledger as the document of ``citylake run --json`` tells it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from pipelines.ledger import batches, checks, publications, receipts
from pipelines.pages import rows
from pipelines.pages.asked import Asked
from pipelines.pages.reasons import by_field
from pipelines.run import exit_code_of
from quality.report import summary

MOST = 2000
LOOKED_INTO = 8
"""Quarantine is large: of a run of everything only so many datasets' is read; a run in Airflow has one."""
Entry = dict[str, Any]


def run(asked: Asked, name: str, dataset: str | None = None, mart: str | None = None) -> Entry:
    """The run's document, of one dataset or mart alone where one is named: Airflow's runs share their names.

    With ``datasets`` and ``marts`` empty where the ledger knows of no such run.
    """
    datasets = [] if mart else _datasets(asked, name, dataset)
    marts = [] if dataset else _marts(asked, name, mart)
    times = [time for entry in [*datasets, *marts] for time in (entry["first_at"], entry["at"]) if time]
    return {
        "at": asked.now.isoformat(),
        "run": {
            "id": name,
            "started_at": min(times, default=None),
            "finished_at": max(times, default=None),
            "lake": asked.lake.url,
            "exit_code": exit_code_of({entry["status"] for entry in [*datasets, *marts]}),
        },
        "dataset": dataset,
        "mart": mart,
        "datasets": datasets,
        "marts": marts,
    }


def _of_run(asked: Asked, table: str, name: str, column: str, one: str | None) -> list[Entry]:
    """The run's rows, the oldest first; of a batch or check that was written down again, the last."""
    chosen = pl.col("run") == name
    found = rows.newest(asked.ledger, table, chosen if one is None else chosen & (pl.col(column) == one), MOST)
    last = {tuple(row.get(part) or n for part in _ONE[table]): row for n, row in enumerate(reversed(found))}
    return list(last.values())


_ONE = {
    receipts.TABLE: ("id",),
    batches.TABLE: ("dataset", "batch"),
    checks.TABLE: ("subject", "batch", "name"),
    publications.TABLE: ("mart", "version"),
}
"""By what a row is known again; one without such a name is itself."""


def _by(found: list[Entry], column: str) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for row in found:
        groups.setdefault(row[column], []).append(row)
    return groups


def _datasets(asked: Asked, name: str, one: str | None) -> list[Entry]:
    came = _by(_of_run(asked, receipts.TABLE, name, "dataset", one), "dataset")
    taken = _by(_of_run(asked, batches.TABLE, name, "dataset", one), "dataset")
    judged = _by(_of_run(asked, checks.TABLE, name, "subject", one), "subject")
    found = [
        _dataset(asked, dataset, came.get(dataset, []), taken.get(dataset, []), judged.get(dataset, []))
        for dataset in sorted(came.keys() | taken.keys())
    ]
    refusing = [entry for entry in found if entry["rows_quarantined"]]
    for entry in refusing[:LOOKED_INTO]:
        entry["fields"] = _fields(asked, entry["dataset"], taken[entry["dataset"]])
    return found


def _fields(asked: Asked, dataset: str, taken: list[Entry]) -> list[Entry]:
    batches = [row["batch"] for row in taken if row["rows_quarantined"]][:LOOKED_INTO]
    return by_field(asked.lake, asked.contract(dataset), dataset, batches, asked.registry)


def _dataset(asked: Asked, dataset: str, came: list[Entry], taken: list[Entry], judged: list[Entry]) -> Entry:
    """Several batches of a run as one entry, as the run's own document has them."""
    contract = asked.contract(dataset)
    told = [rows.batch(row, contract) for row in taken]
    received = [rows.receipt(row) for row in came]
    states = {batch["status"] for batch in told}
    return {
        **asked.head(dataset),
        "status": next((state for state in summary.WORST_FIRST if state in states), "begun"),
        "batch": next((batch["batch"] for batch in told if batch["batch"]), None),
        "first_at": min((receipt["requested_at"] for receipt in received), default=None),
        "at": max((batch["at"] for batch in told), default=None),
        **{count: sum(batch[count] or 0 for batch in told) for count in _COUNTS},
        "issues": _issues(told),
        "fields": [],
        "checks": [rows.check(row) for row in judged],
        "days": sorted({day for batch in told for day in batch["days"] or ()}),
        "problems": [problem for batch in told for problem in batch["problems"]],
        "seconds": {step: time for batch in told for step, time in batch["seconds"].items()},
        "receipts": received,
    }


_COUNTS = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate", "rows_superseded")


def _issues(told: list[Entry]) -> list[Entry]:
    counted: Counter[str] = Counter()
    words: dict[str, Entry] = {}
    for issue in (issue for batch in told for issue in batch["issues"]):
        counted[issue["code"]] += issue["rows"]
        words[issue["code"]] = issue
    return [{**words[code], "rows": count} for code, count in counted.most_common()]


def _marts(asked: Asked, name: str, one: str | None) -> list[Entry]:
    judged = _by(_of_run(asked, checks.TABLE, name, "subject", one), "subject")
    return [
        {
            **asked.mart_head(row["mart"]),
            **rows.publication(row),
            "first_at": None,
            "checks": [rows.check(check) for check in judged.get(row["mart"], [])],
        }
        for row in _of_run(asked, publications.TABLE, name, "mart", one)
    ]
