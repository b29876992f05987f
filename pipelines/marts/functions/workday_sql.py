"""Functions that count working days, as DuckDB functions over Arrow vectors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype
from citylake.pipelines.marts.functions.function_api import WorkdayTest

if TYPE_CHECKING:
    import duckdb

_LONGEST = 20_000
"""Working days, some eighty years: a wrong number must not walk through all of time."""


def register_workday_functions(connection: duckdb.DuckDBPyConnection, is_workday: WorkdayTest) -> None:
    """Create ``working_days`` and ``add_working_days`` on ``connection``."""
    counted = CountedDays(is_workday)

    def working_days(first: pa.ChunkedArray, last: pa.ChunkedArray) -> pa.Array:
        pairs = zip(first.to_pylist(), last.to_pylist(), strict=True)
        return pa.array([counted.between(start, end) for start, end in pairs], pa.int32())

    def add_working_days(day: pa.ChunkedArray, days: pa.ChunkedArray) -> pa.Array:
        pairs = zip(day.to_pylist(), days.to_pylist(), strict=True)
        return pa.array([counted.after(start, number) for start, number in pairs], pa.date32())

    for call, takes, gives in (
        (working_days, ["DATE", "DATE"], "INTEGER"),
        (add_working_days, ["DATE", "INTEGER"], "DATE"),
    ):
        connection.create_function(
            call.__name__, call, [*map(duckdb_sqltype, takes)], duckdb_sqltype(gives), type=ARROW, null_handling=SPECIAL
        )


class CountedDays:
    """Working days from the first of January, year by year, each counted once."""

    def __init__(self, is_workday: WorkdayTest) -> None:
        self._is_workday = is_workday
        self._years: dict[int, list[int] | None] = {}

    def between(self, first: date | None, last: date | None) -> int | None:
        """Working days after ``first``, up to and with ``last``; None if a year between them is unknown."""
        if first is None or last is None:
            return None
        if last < first:
            back = self.between(last, first)
            return None if back is None else -back
        years = [self._year(year) for year in range(first.year, last.year + 1)]
        known = [year for year in years if year is not None]
        if len(known) < len(years):
            return None
        whole = sum(year[-1] for year in known[:-1])
        return whole + known[-1][last.timetuple().tm_yday] - known[0][first.timetuple().tm_yday]

    def after(self, day: date | None, number: int | None) -> date | None:
        """The ``number``-th working day after ``day``, before it if negative; None if a year on the way is unknown."""
        if day is None or number is None or abs(number) > _LONGEST:
            return None
        step = timedelta(days=1 if number > 0 else -1)
        left = abs(number)
        while left:
            day += step
            works = self._works(day)
            if works is None:
                return None
            left -= works
        return day

    def _works(self, day: date) -> bool | None:
        year = self._year(day.year)
        place = day.timetuple().tm_yday
        return None if year is None else year[place] > year[place - 1]

    def _year(self, year: int) -> list[int] | None:
        """The number of working days up to each day of the year, 0 before its first."""
        if year not in self._years:
            self._years[year] = self._counted(year)
        return self._years[year]

    def _counted(self, year: int) -> list[int] | None:
        sums, day = [0], date(year, 1, 1)
        while day.year == year:
            works = self._is_workday(day)
            if works is None:
                return None
            sums.append(sums[-1] + works)
            day += timedelta(days=1)
        return sums
