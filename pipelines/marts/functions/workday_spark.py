"""Functions that count working days, as Spark SQL: weeks of five days, and the days that are otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from citylake.pipelines.marts.functions.function_api import WorkdayTest
from citylake.pipelines.marts.functions.spark_text import spark_let

_EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1990, 2060
_BEFORE = 140_000 + 3
"""Days from a Monday in the sixteenth century to 1970, so that no day has a negative number."""
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class _Otherwise:
    """What a calendar knows, as days since 1970: ``off`` are free days of the week, ``on`` working weekends."""

    years: tuple[int, ...]
    off: tuple[int, ...]
    on: tuple[int, ...]


def workday_spark_functions(is_workday: WorkdayTest) -> Mapping[str, Callable[..., str]]:
    """Return ``working_days`` and ``add_working_days`` as they are written for Spark."""
    found: list[_Otherwise] = []

    def calendar() -> _Otherwise:
        # Read once a SELECT counts working days.
        if not found:
            found.append(_read_calendar(is_workday))
        return found[0]

    return {
        "working_days": lambda first, last: _working_days(calendar(), first, last),
        "add_working_days": lambda day, days: _add_working_days(calendar(), day, days),
    }


def _read_calendar(is_workday: WorkdayTest) -> _Otherwise:
    years = tuple(year for year in range(_FIRST_YEAR, _LAST_YEAR + 1) if is_workday(date(year, 1, 1)) is not None)
    off: list[int] = []
    on: list[int] = []
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            works, week = is_workday(day), day.weekday() < 5
            if works != week:
                (off if week else on).append((day - _EPOCH).days)
            day += timedelta(days=1)
    return _Otherwise(years, tuple(off), tuple(on))


def _working_days(calendar: _Otherwise, first: str, last: str) -> str:
    ends = [f"year({first})", f"year({last})"]
    known = _all_known(calendar, f"least({', '.join(ends)})", f"greatest({', '.join(ends)})")
    counted = f"CAST({_counted(calendar, f'unix_date({last})')} - {_counted(calendar, f'unix_date({first})')} AS INT)"
    return f"(CASE WHEN {first} IS NOT NULL AND {last} IS NOT NULL AND {known} THEN {counted} END)"


def _add_working_days(calendar: _Otherwise, day: str, days: str) -> str:
    far = f"(abs({days}) * 3 + 40)"
    ways = [f"sequence(unix_date({day}) {sign} 1, unix_date({day}) {sign} {far}, {sign}1)" for sign in "+-"]
    way = f"CASE WHEN {days} > 0 THEN {ways[0]} ELSE {ways[1]} END"
    found = f"date_from_unix_date(element_at(filter({way}, d -> {_works(calendar, 'd')}), abs({days})))"
    ends = [f"year(date_add({day}, CASE WHEN {days} > 0 THEN 1 ELSE -1 END))", "year(r)"]
    known = _all_known(calendar, f"least({', '.join(ends)})", f"greatest({', '.join(ends)})")
    walked = spark_let("r", found, f"CASE WHEN {known} THEN r END")
    return f"(CASE WHEN {days} = 0 THEN {day} WHEN abs({days}) <= {_LONGEST} THEN {walked} END)"


def _all_known(calendar: _Otherwise, first: str, last: str) -> str:
    """Whether the calendar knows every year from ``first`` to ``last``."""
    return f"size(filter({_array(calendar.years)}, y -> y BETWEEN {first} AND {last})) = {last} - {first} + 1"


def _counted(calendar: _Otherwise, day: str) -> str:
    """Working days up to and with ``day``, from a Monday long ago."""
    number = f"({day} + {_BEFORE + 1})"
    week = f"({number} DIV 7 * 5 + least({number} % 7, 5))"
    off, on = (f"size(filter({_array(days)}, d -> d <= {day}))" for days in (calendar.off, calendar.on))
    return f"({week} - {off} + {on})"


def _works(calendar: _Otherwise, day: str) -> str:
    week = f"({day} + {_BEFORE}) % 7 < 5 AND NOT array_contains({_array(calendar.off)}, {day})"
    return f"(({week}) OR array_contains({_array(calendar.on)}, {day}))"


def _array(numbers: tuple[int, ...]) -> str:
    return f"array({', '.join(map(str, numbers)) or 'CAST(NULL AS INT)'})"
