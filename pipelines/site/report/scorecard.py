"""The scorecard of a department: a score by quality dimension, now and before."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.site.report.report_ledger import Answer, answer_entries
from citylake.quality.check_result import DIMENSIONS

PERIODS = ("now", "week", "month")
Scores = list[dict[str, Any]]


def dimension_scores(answer: Answer) -> Scores:
    """Return by dimension its ``now``, ``week`` and ``month``: score in percent and the counts behind it.

    The score is the lower of two shares: rows without an issue of the dimension, and passed checks of the dimension.
    Without rows and checks it is None.
    """
    counts = {(row["dimension"], row["period"]): row for row in answer_entries(answer)}
    return [{"dimension": name, **{period: _scored(counts[name, period]) for period in PERIODS}} for name in DIMENSIONS]


def _scored(row: dict[str, Any]) -> dict[str, Any]:
    shares = []
    if row["rows_in"]:
        shares.append(max(0.0, 1 - row["rows_found"] / row["rows_in"]))
    if row["checks"]:
        shares.append(row["passed"] / row["checks"])
    counts = {name: row[name] for name in ("rows_in", "rows_found", "checks", "passed")}
    return {"score": 100 * min(shares) if shares else None, **counts}
