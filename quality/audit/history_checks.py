"""Volume against history: each day of a batch against like days, a batch against batches where there are no days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.audit.day_totals import DayTotals
from citylake.quality.audit.like_days import find_like_days
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.expectations import RowCountBounds
from citylake.schemas.words.errors import Problem

NAME = "rows.vs_history"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _DayVerdict:
    """One day: its rows, the like days that are known, and their median (None: too few of them)."""

    day: date
    rows: int
    like: int
    median: float | None
    share: float

    @property
    def short(self) -> bool:
        return self.median is not None and self.rows < self.share * self.median


def check_history(batch: AuditInput, rows: int, totals: DayTotals) -> Iterator[CheckResult]:
    """Yield the check ``rows.vs_history`` and, if weekdays alone decided about a judged day, one on the calendar.

    A day is compared with earlier days only, of the table and of the batch, without those that fall short themselves.
    So the verdict on a day is the same whether its neighbours arrive in its batch or in earlier ones.
    """
    bounds = batch.contract.expect.rows
    if bounds is None or bounds.vs_history is None:
        return
    if not batch.history.by_day:
        yield _against_batches(batch, rows, bounds, bounds.vs_history)
        return
    verdicts = _judge_days(batch, totals, bounds, bounds.vs_history)
    done = [verdict for verdict in verdicts if verdict.median is not None]
    yield from _day_results(batch, verdicts, totals, bounds)
    notice = batch.history.calendar.notice([verdict.day for verdict in done]) if done else None
    if notice:
        yield check_outcome("rows.calendar", notice, "weekdays only", "known holidays", warning=True)


def _judge_days(batch: AuditInput, totals: DayTotals, bounds: RowCountBounds, share: float) -> list[_DayVerdict]:
    known: dict[date, int] = {day: rows for day, rows in batch.history.rows.items() if day not in totals.rows}
    found = []
    for day, rows in sorted(totals.rows.items()):
        if day >= batch.history.today:
            continue
        verdict = _judge_day(batch, day, rows, known, bounds, share)
        found.append(verdict)
        if not verdict.short:
            known[day] = rows
    return found


def _judge_day(
    batch: AuditInput, day: date, rows: int, known: Mapping[date, int], bounds: RowCountBounds, share: float
) -> _DayVerdict:
    like = find_like_days(batch.history.calendar, day, known, bounds.like_days)
    middle = float(median(known[other] for other in like)) if len(like) >= bounds.like_days else None
    return _DayVerdict(day, rows, len(like), middle, share)


def _day_results(
    batch: AuditInput, verdicts: list[_DayVerdict], totals: DayTotals, bounds: RowCountBounds
) -> Iterator[CheckResult]:
    """One check for days that are complete and, if one of them falls short, one for days that late rows may fill."""
    first_open = batch.history.today - timedelta(days=_late_days(batch))
    short = [verdict for verdict in verdicts if verdict.short]
    closed = [verdict for verdict in short if verdict.day < first_open]
    late = [verdict for verdict in short if verdict.day >= first_open]
    expected = f"≥ {bounds.vs_history:g} × median of like days"
    observed = _observed(verdicts, closed, len(totals.files), bounds)
    yield check_outcome(NAME, _shortfall(batch, closed), observed, expected)
    if late:
        yield check_outcome("rows.late_days", _shortfall(batch, late), _listed(late), expected, warning=True)


def _late_days(batch: AuditInput) -> int:
    return batch.contract.schedule.late_days if batch.contract.schedule else 0


def _observed(verdicts: list[_DayVerdict], short: list[_DayVerdict], days: int, bounds: RowCountBounds) -> str:
    judged = [verdict for verdict in verdicts if verdict.median is not None]
    if short:
        return _listed(short)
    if judged:
        worst = min(judged, key=lambda each: each.rows / (each.median or 1))
        return f"{len(judged)} of {days} days judged, least: {_listed([worst])}"
    if verdicts:
        most = max(verdict.like for verdict in verdicts)
        return f"{most} of {bounds.like_days} like days known: not judged"
    return "only days in progress: not judged" if days else "no days: not judged"


def _listed(verdicts: list[_DayVerdict]) -> str:
    shown = [f"{each.day}: {each.rows:,} of {each.median or 0:,.0f}" for each in verdicts[:_SHOWN]]
    return "; ".join(shown) + (f"; {len(verdicts) - _SHOWN} more days" if len(verdicts) > _SHOWN else "")


def _shortfall(batch: AuditInput, short: list[_DayVerdict]) -> Problem | None:
    if not short:
        return None
    first = short[0]
    values = {
        "dataset": batch.contract.dataset,
        "day": first.day.isoformat(),
        "rows": first.rows,
        "median": round(first.median or 0),
        "days": first.like,
        "least": first.share,
        "count": len(short),
    }
    return Problem("ROWS_BELOW_HISTORY", values)


def _against_batches(batch: AuditInput, rows: int, bounds: RowCountBounds, share: float) -> CheckResult:
    """A table without days: the median of earlier batches, which one large backfill does not move."""
    history, expected = batch.history.batches, f"≥ {share:g} × median of batches"
    if len(history) < bounds.like_days:
        return check_outcome(NAME, None, f"{len(history)} of {bounds.like_days} batches known: not judged", expected)
    middle = median(history)
    values = {
        "dataset": batch.contract.dataset,
        "rows": rows,
        "median": round(middle),
        "batches": len(history),
        "least": share,
    }
    problem = Problem("BATCH_BELOW_HISTORY", values) if rows < share * middle else None
    return check_outcome(NAME, problem, f"{rows:,} of {middle:,.0f}", expected)
