"""What happened to the datasets of one department: counts and codes, never values of the data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.records import BatchResult
from citylake.schemas.read.registry import Registry

NO_DEPARTMENT = "—"


@dataclass(slots=True)
class DepartmentNews:
    """The results of one department's datasets in some runs."""

    department: str
    datasets: set[str] = field(default_factory=set)
    """The datasets with new data, held or failed."""
    standard: int = 0
    quarantined: int = 0
    values_refused: int = 0
    issues: Counter[str] = field(default_factory=Counter)
    """Refused rows and values, and warnings, by issue code."""
    stopped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Dataset → status and codes of a batch that is held or failed."""

    def add(self, dataset: str, status: str, counts: tuple[int, int, int], issues: Mapping[str, int]) -> None:
        """Add a batch; ``counts``: standard rows, refused rows, refused values."""
        self.datasets.add(dataset)
        if status == "committed":
            self.standard += counts[0]
        self.quarantined += counts[1]
        self.values_refused += counts[2]
        self.issues.update(issues)


def news_of_results(registry: Registry, results: Iterable[BatchResult]) -> list[DepartmentNews]:
    """Return the news of a run, a department each; without what found nothing new."""
    found: dict[str, DepartmentNews] = {}
    for result in results:
        if result.status == "unchanged":
            continue
        news = _news_for(found, registry, result.dataset)
        counts = (result.counts.standard, result.counts.quarantined, result.counts.values_refused)
        news.add(result.dataset, result.status, counts, result.issues)
        _note_stopped(news, result.dataset, result.status, [problem.code for problem in result.problems])
    return [found[name] for name in sorted(found)]


def news_of_ledger_rows(registry: Registry, rows: Sequence[Mapping[str, Any]]) -> list[DepartmentNews]:
    """Return the same from rows of the ledger's table ``batches``."""
    found: dict[str, DepartmentNews] = {}
    for row in rows:
        if row["status"] == "unchanged":
            continue
        news = _news_for(found, registry, row["dataset"])
        counts = tuple(row[name] or 0 for name in ("rows_standard", "rows_quarantined", "values_refused"))
        news.add(row["dataset"], row["status"], (counts[0], counts[1], counts[2]), json.loads(row["issues"] or "{}"))
        codes = [problem["code"] for problem in json.loads(row["problems"] or "[]")]
        _note_stopped(news, row["dataset"], row["status"], codes)
    return [found[name] for name in sorted(found)]


def _news_for(found: dict[str, DepartmentNews], registry: Registry, dataset: str) -> DepartmentNews:
    contract = registry.contracts.get(dataset)
    department = contract.owner.department if contract else NO_DEPARTMENT
    return found.setdefault(department, DepartmentNews(department))


def _note_stopped(news: DepartmentNews, dataset: str, status: str, codes: Sequence[str]) -> None:
    """Keep the last status of a dataset: what was committed later is not stopped any more."""
    if status in ("held", "failed", "incomplete"):
        news.stopped[dataset] = (status, *dict.fromkeys(codes))
    elif status == "committed":
        news.stopped.pop(dataset, None)
