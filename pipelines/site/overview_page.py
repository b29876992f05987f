"""The overview page: the status of every dataset, by department, and of every mart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from citylake.pipelines.lake.ledger import batches_table
from citylake.pipelines.read.data_age import DataAge
from citylake.pipelines.site import ledger_entries
from citylake.pipelines.site.marts_page import mart_entries
from citylake.pipelines.site.page_request import PageRequest

OverviewEntry = dict[str, Any]


def overview_document(request: PageRequest) -> OverviewEntry:
    """Return ``datasets`` with freshness and last batch, and ``marts`` with last attempt and published version."""
    return {
        "lake": request.lake.url,
        "at": request.now.isoformat(),
        "datasets": _dataset_entries(request),
        "marts": mart_entries(request),
    }


def overview_counts(datasets: Iterable[OverviewEntry], marts: Iterable[OverviewEntry]) -> dict[str, int]:
    """Count the datasets that are late, held, failed, incomplete or never received, and the marts held or failed.

    ``waiting`` is the number of quarantined rows about which somebody must act.
    """
    found: Counter[str] = Counter()
    for entry in datasets:
        found["late"] += bool(entry["freshness"]["late"])
        found["held"] += bool(entry["held"]) or entry["status"] == "held"
        found[entry["status"]] += entry["status"] in ("failed", "incomplete", "never")
        found["waiting"] += entry["waiting"]
    for mart in marts:
        found["mart"] += mart["status"] in ("failed", "held")
    return {kind: many for kind, many in found.items() if many}


def _dataset_entries(request: PageRequest) -> list[OverviewEntry]:
    ledger = request.ledger
    last = {entry["dataset"]: entry for entry in ledger.status()["datasets"]}
    latest = ledger.latest_rows(batches_table.TABLE).to_dicts()
    told = {(row["dataset"], row["batch"], row["recorded_at"].isoformat()): row for row in latest}
    found = []
    for name in _dataset_names(request, last):
        entry = {**request.head(name), **last.get(name, _NEVER)}
        row = told.get((name, entry["batch"], entry["recorded_at"]))
        said = ledger_entries.batch_entry(row, request.contract(name)) if row else {"run": None, "problems": []}
        waits = request.waiting.get(name)
        fresh = DataAge(request.contract(name), request.arrivals.get(name), request.now).document()
        told_of = {"run": said["run"], "problems": said["problems"], "freshness": fresh}
        found.append({**entry, **told_of, "waiting": waits.waiting if waits else 0})
    return found


def _dataset_names(request: PageRequest, last: Collection[str]) -> list[str]:
    """Return the declared datasets, ordered by department, then those that are only in the ledger."""
    declared = request.registry.contracts
    ordered = sorted(declared, key=lambda name: (declared[name].owner.department, name))
    return [*ordered, *sorted(set(last) - declared.keys())]


_NEVER: OverviewEntry = {
    "status": "never",
    "batch": None,
    "recorded_at": None,
    "checked_at": None,
    "rows_in": None,
    "rows_standard": None,
    "rows_quarantined": None,
    "rows_duplicate": None,
    "quarantine_share": 0.0,
    "held": [],
}
