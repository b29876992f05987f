"""Distribution shift: each complete day of a batch against the rows of like days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.audit.day_totals import DayTotals
from citylake.quality.audit.like_days import find_like_days
from citylake.quality.audit.population_shift import ShiftMeasure, measure_shift
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import create_parquet_view
from citylake.schemas.model.expectations import RowCountBounds
from citylake.schemas.words.errors import Problem

REFERENCE_DAYS = 8
"""The newest like days whose rows are the reference."""


def check_shift(batch: AuditInput, totals: DayTotals) -> Iterator[CheckResult]:
    """Yield one check per column of ``expect.shift``, a warning unless ``severity`` says otherwise.

    A day is judged by its staged rows, against earlier like days of the table and of the batch. The day in progress is
    not judged.
    """
    limits = batch.contract.expect.shift
    if not limits:
        return
    days = [day for day in totals.files if day < batch.history.today]
    known: dict[date, Sequence[str]] = {
        day: files for day, files in batch.history.files.items() if day not in totals.files
    }
    found: dict[str, list[tuple[date, ShiftMeasure]]] = {column: [] for column in limits}
    for day in days:
        _measure_day(batch, day, totals.files[day], known, found)
        known[day] = totals.files[day]
    for column, limit in limits.items():
        name = f"shift.{column}"
        yield batch.missing(name, (column,), f"PSI ≤ {limit:g}") or judge_shift(
            batch.contract.dataset, name, column, found[column], limit
        )


def _measure_day(
    batch: AuditInput,
    day: date,
    files: Sequence[str],
    known: Mapping[date, Sequence[str]],
    found: Mapping[str, list[tuple[date, ShiftMeasure]]],
) -> None:
    least = (batch.contract.expect.rows or RowCountBounds()).like_days
    like = find_like_days(batch.history.calendar, day, known, least)[-REFERENCE_DAYS:]
    if len(like) < least:
        return
    types = create_parquet_view(batch.connection, "shift_day", files)
    earlier = create_parquet_view(
        batch.connection, "shift_reference", [file for other in like for file in known[other]]
    )
    for column, measures in found.items():
        if column in types and column in earlier:
            measures.append(
                (day, measure_shift(batch.connection, "shift_day", "shift_reference", column, types[column]))
            )


def judge_shift(
    subject: str, name: str, column: str, measures: Sequence[tuple[date, ShiftMeasure]], limit: float
) -> CheckResult:
    """Return the check of one column by the measures of its days; the greatest index decides."""
    judged = [(day, each) for day, each in measures if each.judged]
    if not judged:
        return check_outcome(name, None, "too few like days or rows: not judged", f"PSI ≤ {limit:g}", warning=True)
    moved = [(day, each) for day, each in judged if each.psi > max(limit, each.chance)]
    day, worst = max(moved or judged, key=lambda pair: pair[1].psi)
    values = {
        "subject": subject,
        "column": column,
        "day": day.isoformat(),
        "psi": f"{worst.psi:.3f}",
        "limit": f"{limit:g}",
        "rows": worst.rows,
        "count": len(moved),
    }
    problem = Problem("DISTRIBUTION_SHIFTED", values) if moved else None
    return check_outcome(name, problem, f"PSI {worst.psi:.3f} on {day}", f"PSI ≤ {limit:g}", warning=True)
