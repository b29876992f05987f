"""What ``citylake status`` says: what is in the lake, how new it is, what waits for a person, and the next command."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from citylake.pipelines.flow.held_documents import held_summary
from citylake.pipelines.flow.hold_rows import delivery_replaces
from citylake.pipelines.lake.delta_table import delta_exists, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, batches_table, publications_table
from citylake.pipelines.lake.ledger.held_records import undecided_batches
from citylake.pipelines.lake.ledger.lake_status import BATCH_STATUS, summarize_status
from citylake.pipelines.lake.noted_rows import count_rows, noted_rows
from citylake.pipelines.read.data_age import DataAge, LastArrival, last_arrivals
from citylake.quality.calendars import load_work_calendar
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_types, render_issue

if TYPE_CHECKING:
    import polars as pl

LANGUAGES = ("zh", "en")
StatusEntry = dict[str, Any]


def status_document(lake: Lake, ledger: Ledger, registry: Registry | None, now: datetime) -> dict[str, Any]:
    """Return ``datasets`` and ``marts``, ready for JSON. ``registry``: None if the workspace is not at hand; then
    nobody knows what freshness is promised and when rows are due. ``now``: with a time zone.
    """
    batches = ledger.latest_rows(batches_table.TABLE, BATCH_STATUS)
    publications = ledger.latest_rows(publications_table.TABLE)
    found, times = summarize_status(batches, publications), last_arrivals(ledger)
    waiting = _waiting_batches(ledger, registry)
    from citylake.pipelines.read.quarantine_states import decisions_by_dataset

    refused = _RefusedCounts(lake, registry, now)
    failures, decisions = _last_problems(batches, "dataset"), decisions_by_dataset(ledger)
    datasets = [
        {
            **_dataset_entry(
                lake, registry, entry, times.get(entry["dataset"]), failures, waiting.get(entry["dataset"], []), now
            ),
            **refused(entry["dataset"], decisions(entry["dataset"])),
        }
        for entry in found["datasets"]
    ]
    stopped = _last_problems(publications, "mart")
    marts = [
        {**entry, "why": _why(entry, stopped, entry["mart"], ("failed", "held", "rolled_back"))}
        for entry in found["marts"]
    ]
    return {"datasets": datasets, "marts": marts}


def _dataset_entry(
    lake: Lake,
    registry: Registry | None,
    entry: StatusEntry,
    known: LastArrival | None,
    failures: dict[tuple[str, str], str],
    waiting: list[StatusEntry],
    now: datetime,
) -> StatusEntry:
    name = entry["dataset"]
    contract = registry.contracts.get(name) if registry else None
    age = DataAge(contract, known, now)
    why = _why(entry, failures, name, ("failed", "incomplete"))
    return {
        **entry,
        "held": [each["batch"] for each in waiting],
        "rows": table_rows(lake, name),
        "newest": age.document()["day"] or age.shown,
        "freshness": age.document(),
        "waiting": waiting,
        "why": why,
        "command": f"citylake run --dataset {name}" if why else None,
    }


def table_rows(lake: Lake, dataset: str) -> int:
    """Return the rows of the standard table, from its log; 0 if there is none."""
    noted = noted_rows(lake, lake.standard(dataset))
    if noted is not None:
        return noted
    table = open_delta_if_exists(lake, lake.standard(dataset))
    return (count_rows(table) or 0) if table else 0


def _waiting_batches(ledger: Ledger, registry: Registry | None) -> dict[str, list[StatusEntry]]:
    """By dataset. Only what concerns those with undecided bytes is read closely."""
    undecided = ledger.undecided.datasets()
    ledger.expect(undecided)
    return {name: _waiting(ledger, registry, name) for name in sorted(undecided)}


def _waiting(ledger: Ledger, registry: Registry | None, dataset: str) -> list[StatusEntry]:
    contract = registry.contracts.get(dataset) if registry else None
    by_name = contract is None or delivery_replaces(contract)
    held = [each for each in undecided_batches(ledger, dataset, by_name=by_name) if each.status == "held"]
    return [held_summary(registry, each) for each in held]


class _RefusedCounts:
    """``refused``: rows for which somebody must still act; ``overdue``: those of them whose due date has passed."""

    def __init__(self, lake: Lake, registry: Registry | None, now: datetime) -> None:
        self.lake, self.registry, self.now = lake, registry, now
        self._calendar = load_work_calendar(registry.workspace) if registry else None

    def __call__(self, dataset: str, decisions: pl.LazyFrame) -> StatusEntry:
        from citylake.pipelines.read.quarantine_duties import count_waiting_rows
        from citylake.pipelines.read.quarantine_states import scan_row_states

        lake, registry = self.lake, self.registry
        contract = registry.contracts.get(dataset) if registry else None
        if registry is None or contract is None or self._calendar is None:
            return {"refused": None, "overdue": None}
        if not delta_exists(lake, lake.quarantine(dataset)):
            return {"refused": 0, "overdue": 0}
        states = scan_row_states(lake, dataset, decisions=decisions)
        refused, overdue = count_waiting_rows(states, contract, registry, self._calendar, self.now)
        return {"refused": refused, "overdue": overdue}


def _last_problems(rows: pl.DataFrame, subject: str) -> dict[tuple[str, str], str]:
    """(dataset or mart, status) → the problems of the last such row, as JSON."""
    last = rows.select(subject, "status", "problems").unique([subject, "status"], keep="last", maintain_order=True)
    return {(name, status): problems or "[]" for name, status, problems in last.iter_rows()}


def _why(
    entry: StatusEntry, problems: dict[tuple[str, str], str], name: str, statuses: tuple[str, ...]
) -> dict[str, str] | None:
    """What stopped it, if it is stopped now; what was solved is gone."""
    if entry["status"] not in statuses:
        return None
    known = issue_types()
    found = [each for each in json.loads(problems.get((name, entry["status"]), "[]")) if each["code"] in known]
    if not found:
        return None
    return {lang: " ".join(render_issue(each["code"], each["values"], lang) for each in found) for lang in LANGUAGES}
