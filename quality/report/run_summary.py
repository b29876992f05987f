"""Summary figures of a run's page, computed from the document of ``citylake run --json``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SummaryEntry = Mapping[str, Any]

TROUBLE_STATUSES = ("failed", "held", "incomplete")
"""Statuses that need attention, worst first."""
STATUS_ORDER = (*TROUBLE_STATUSES, "committed", "rejected", "unchanged")
"""Statuses of a dataset, worst first. A dataset has the worst status of its batches."""
_NOT_VISIBLE = ("failed", "held", "rejected")
MAX_RECEIPTS = 40
"""Maximum number of receipts listed per dataset; a backfill can have thousands."""


@dataclass(frozen=True, slots=True)
class RowTotals:
    """Row counts by outcome. ``held``: valid rows of a batch that was held or failed, so they are not visible.

    ``filtered``: rows that are not the dataset's, by the contract's ``where``.
    """

    rows_in: int
    standard: int
    held: int
    quarantined: int
    duplicates: int
    superseded: int
    filtered: int = 0

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The segments of the bar, in order."""
        return (
            ("standard", self.standard),
            ("held", self.held),
            ("quarantined", self.quarantined),
            ("duplicates", self.duplicates),
            *([("filtered", self.filtered)] if self.filtered else []),
        )

    @property
    def conserved(self) -> bool:
        """Whether every row is accounted for. Rows replaced by a newer source can be counted separately."""
        gap = self.rows_in - sum(rows for _, rows in self.parts)
        return gap in (0, self.superseded)

    def __add__(self, other: RowTotals) -> RowTotals:
        return RowTotals(
            self.rows_in + other.rows_in,
            self.standard + other.standard,
            self.held + other.held,
            self.quarantined + other.quarantined,
            self.duplicates + other.duplicates,
            self.superseded + other.superseded,
            self.filtered + other.filtered,
        )


@dataclass(frozen=True, slots=True)
class FaultReason:
    """One issue type in one dataset."""

    issue: SummaryEntry
    dataset: SummaryEntry
    rows: int
    severity: Literal["error", "warning", "info"]


def dataset_totals(dataset: SummaryEntry) -> RowTotals:
    """Return the counts of one dataset; absent counts are zero."""
    standard, stopped = _count(dataset, "rows_standard"), dataset.get("status") in _NOT_VISIBLE
    return RowTotals(
        rows_in=_count(dataset, "rows_in"),
        standard=0 if stopped else standard,
        held=standard if stopped else 0,
        quarantined=_count(dataset, "rows_quarantined"),
        duplicates=_count(dataset, "rows_duplicate"),
        superseded=_count(dataset, "rows_superseded"),
        filtered=_count(dataset, "rows_filtered"),
    )


def run_totals(datasets: Iterable[SummaryEntry]) -> RowTotals:
    """Return the counts of the whole run."""
    return sum(map(dataset_totals, datasets), RowTotals(0, 0, 0, 0, 0, 0))


def order_by_status(entries: Sequence[SummaryEntry]) -> list[SummaryEntry]:
    """Sort datasets or marts: those that need attention first, worst first, the rest in the original order."""
    rank = {status: place for place, status in enumerate(TROUBLE_STATUSES)}
    return sorted(entries, key=lambda entry: rank.get(str(entry.get("status")), len(TROUBLE_STATUSES)))


def troubled_entries(entries: Iterable[SummaryEntry]) -> list[SummaryEntry]:
    """Return the datasets or marts that need attention."""
    return [entry for entry in entries if entry.get("status") in TROUBLE_STATUSES]


def fault_reasons(datasets: Iterable[SummaryEntry]) -> list[FaultReason]:
    """Return all faults: errors, which quarantine rows, before warnings; then by rows, descending."""
    found = [
        FaultReason(issue, dataset, _count(issue, "rows"), issue.get("severity", "error"))
        for dataset in datasets
        for issue in dataset.get("issues") or ()
    ]
    return sorted(found, key=lambda reason: (reason.severity != "error", -reason.rows))


def receipts_to_list(dataset: SummaryEntry) -> tuple[list[SummaryEntry], int]:
    """Return the receipts to list, those that need attention first, and the number of receipts that are not listed."""
    found = sorted(dataset.get("receipts") or [], key=lambda receipt: receipt.get("status") not in TROUBLE_STATUSES)
    return found[:MAX_RECEIPTS], max(0, len(found) - MAX_RECEIPTS)


def count_statuses(entries: Iterable[SummaryEntry]) -> Counter[str]:
    """Return the number of entries by status."""
    return Counter(str(entry.get("status")) for entry in entries)


def seconds_by_step(datasets: Iterable[SummaryEntry], marts: Iterable[SummaryEntry]) -> dict[str, float]:
    """Return seconds by step over the whole run, without steps of 0 s. All marts count as one step, ``marts``."""
    spent: defaultdict[str, float] = defaultdict(float)
    for dataset in datasets:
        for step, time in (dataset.get("seconds") or {}).items():
            spent[step] += time
    spent["marts"] += sum(mart.get("seconds") or 0.0 for mart in marts)
    return {step: time for step, time in spent.items() if time > 0}


def _count(entry: SummaryEntry, key: str) -> int:
    return int(entry.get(key) or 0)
