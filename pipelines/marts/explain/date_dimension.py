"""``dim.date``: every day from a mart's first to its last, with its week, and whether people work on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import OUT, comment_on, literal
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.quality.calendars import WorkCalendar, load_work_calendar
from citylake.quality.calendars.work_calendar import WEEKDAYS_ONLY
from citylake.schemas.words.errors import CitylakeError

DIMENSIONS: Final = "dim"
"""The schema of dimensions."""
_MOST_DAYS: Final = 36_600
"""A century: a single wrong date must not make millions of rows."""
_COLUMNS: Final = (
    "day", "year", "quarter", "month", "iso_year", "iso_week", "weekday", "weekday_zh", "weekday_en",
    "working_day", "kind", "holiday_zh", "holiday_en", "calendar_known",
)  # fmt: skip
_ZH: Final = "['周一', '周二', '周三', '周四', '周五', '周六', '周日']"


def write_date_dimension(facts: FileFacts) -> bool:
    """Write ``dim.date`` into the file; return False if no table has days."""
    spans = [span for name in facts.mart.tables if (span := facts.day_span(name))]
    if not spans:
        return False
    last = max(end for _, end in spans)
    first = max(min(start for start, _ in spans), last - timedelta(days=_MOST_DAYS - 1))
    calendar = _calendar(facts)
    facts.connection.execute(
        f"CREATE TABLE {sql_identifier(OUT, DIMENSIONS, 'date')} AS {_select(calendar, first, last)}"
    )
    comment_on(facts.connection, "TABLE", (DIMENSIONS, "date"), "date", calendar=calendar.code or "—")
    for column in _COLUMNS:
        comment_on(facts.connection, "COLUMN", (DIMENSIONS, "date", column), f"date_{column}")
    return True


def _calendar(facts: FileFacts) -> WorkCalendar:
    """The workspace's calendar. One that cannot be read, which lint reports, is as one that knows no year."""
    try:
        return load_work_calendar(facts.registry.workspace)
    except CitylakeError:
        return WorkCalendar()


def _select(calendar: WorkCalendar, first: date, last: date) -> str:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    unknown, special = _special_days(calendar, days)
    # One row that matches no day, so that there is a table without special days too.
    rows = ", ".join([*special, "(NULL::DATE, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR)"])
    years = literal(unknown)
    return f"""
        SELECT day, year(day)::INTEGER AS year, quarter(day)::INTEGER AS quarter, month(day)::INTEGER AS month,
            isoyear(day)::INTEGER AS iso_year, week(day)::INTEGER AS iso_week, isodow(day)::INTEGER AS weekday,
            ({_ZH})[isodow(day)] AS weekday_zh, dayname(day) AS weekday_en,
            coalesce(special.kind, plain) IN ('workday', 'adjusted workday') AS working_day,
            coalesce(special.kind, plain) AS kind, holiday_zh, holiday_en,
            NOT list_contains({years}::INTEGER[], year(day)::INTEGER) AS calendar_known
        FROM (
            SELECT day::DATE AS day, CASE WHEN isodow(day) < 6 THEN 'workday' ELSE 'weekend' END AS plain
            FROM generate_series(DATE {literal(first)}, DATE {literal(last)}, INTERVAL 1 DAY) AS days(day)
        )
        LEFT JOIN (VALUES {rows}) AS special(special_day, kind, holiday_zh, holiday_en) ON special_day = day
        ORDER BY day"""


def _special_days(calendar: WorkCalendar, days: list[date]) -> tuple[list[int], list[str]]:
    """The years without known holidays, and the days that are not what their weekday says."""
    try:
        unknown = calendar.unknown_years(days)
    except CitylakeError:
        # A calendar that no library has; lint reports it.
        return sorted({day.year for day in days}), []
    found = []
    for day in days:
        kind, name = calendar.day_kind(day), calendar.holiday_name(day)
        if kind != WEEKDAYS_ONLY.kind(day) or name.zh or name.en:
            found.append(f"(DATE {literal(day)}, {literal(kind.value)}, {literal(name.zh)}, {literal(name.en)})")
    return unknown, found
