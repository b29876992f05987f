"""What a run's page says first, worked out from the document of ``citylake run --json``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SummaryEntry = Mapping[str, Any]

TROUBLE_STATUSES = ("failed", "held", "incomplete")
"""Statuses that ask for a person, the worst first."""
STATUS_ORDER = (*TROUBLE_STATUSES, "committed", "unchanged")
"""Statuses of a dataset, of which the worst of its batches is told."""
_NOT_VISIBLE = ("failed", "held")
MAX_RECEIPTS = 40
"""A backfill has thousands of receipts; a page that lists them all is read by nobody."""


@dataclass(frozen=True, slots=True)
class RowTotals:
    """Where rows went. ``held``: they kept every rule, but their batch was stopped, so nobody sees them."""

    rows_in: int
    standard: int
    held: int
    quarantined: int
    duplicates: int
    superseded: int

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The parts that the bars draw, in order."""
        return (
            ("standard", self.standard),
            ("held", self.held),
            ("quarantined", self.quarantined),
            ("duplicates", self.duplicates),
        )

    @property
    def conserved(self) -> bool:
        """Whether every row is accounted for; a row that a newer source replaced may be counted apart."""
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
        )


@dataclass(frozen=True, slots=True)
class FaultReason:
    """One kind of fault in one dataset, and who can mend it."""

    issue: SummaryEntry
    dataset: SummaryEntry
    rows: int
    severity: Literal["error", "warning", "info"]


def dataset_totals(dataset: SummaryEntry) -> RowTotals:
    """The counts of one dataset; what is absent counts as zero."""
    standard, stopped = _count(dataset, "rows_standard"), dataset.get("status") in _NOT_VISIBLE
    return RowTotals(
        rows_in=_count(dataset, "rows_in"),
        standard=0 if stopped else standard,
        held=standard if stopped else 0,
        quarantined=_count(dataset, "rows_quarantined"),
        duplicates=_count(dataset, "rows_duplicate"),
        superseded=_count(dataset, "rows_superseded"),
    )


def run_totals(datasets: Iterable[SummaryEntry]) -> RowTotals:
    """The counts of the run."""
    return sum(map(dataset_totals, datasets), RowTotals(0, 0, 0, 0, 0, 0))


def order_by_status(entries: Sequence[SummaryEntry]) -> list[SummaryEntry]:
    """Datasets or marts, those that ask for a person first, then as they came."""
    rank = {status: place for place, status in enumerate(TROUBLE_STATUSES)}
    return sorted(entries, key=lambda entry: rank.get(str(entry.get("status")), len(TROUBLE_STATUSES)))


def troubled_entries(entries: Iterable[SummaryEntry]) -> list[SummaryEntry]:
    """Those that ask for a person."""
    return [entry for entry in entries if entry.get("status") in TROUBLE_STATUSES]


def fault_reasons(datasets: Iterable[SummaryEntry]) -> list[FaultReason]:
    """Every kind of fault, the commonest first; faults that refused rows before those that were only noted."""
    found = [
        FaultReason(issue, dataset, _count(issue, "rows"), issue.get("severity", "error"))
        for dataset in datasets
        for issue in dataset.get("issues") or ()
    ]
    return sorted(found, key=lambda reason: (reason.severity != "error", -reason.rows))


def receipts_to_list(dataset: SummaryEntry) -> tuple[list[SummaryEntry], int]:
    """The receipts to show, those with a problem first, and how many more there are."""
    found = sorted(dataset.get("receipts") or [], key=lambda receipt: receipt.get("status") not in TROUBLE_STATUSES)
    return found[:MAX_RECEIPTS], max(0, len(found) - MAX_RECEIPTS)


def count_statuses(entries: Iterable[SummaryEntry]) -> Counter[str]:
    """How many entries have each status."""
    return Counter(str(entry.get("status")) for entry in entries)


def seconds_by_step(datasets: Iterable[SummaryEntry], marts: Iterable[SummaryEntry]) -> dict[str, float]:
    """Seconds by step over the whole run; the marts' as one step, ``marts``."""
    spent: defaultdict[str, float] = defaultdict(float)
    for dataset in datasets:
        for step, time in (dataset.get("seconds") or {}).items():
            spent[step] += time
    spent["marts"] += sum(mart.get("seconds") or 0.0 for mart in marts)
    return {step: time for step, time in spent.items() if time > 0}


def _count(entry: SummaryEntry, key: str) -> int:
    return int(entry.get(key) or 0)
