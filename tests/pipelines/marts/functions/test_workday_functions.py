"""Working days in the SQL of marts: those of the workspace's calendar, and none where it knows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.functions.workday_sql import CountedDays
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.mart_engine import mart_engine, open_mart_duckdb
from citylake.quality.calendars import load_work_calendar
from citylake.schemas.read.workspace import Workspace

DEMO = Workspace(Path(__file__).parents[4] / "workspaces" / "demo")
CALENDAR = load_work_calendar(DEMO)
COUNTED = CountedDays(workspace_days(DEMO))
DAYS = st.dates(date(2024, 1, 1), date(2026, 8, 15))
"""With the longest span after them, all within the years whose holidays are known."""


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with mart_engine(Lake(str(tmp_path_factory.mktemp("lake"))), DEMO) as engine, engine.room() as found:
        yield found


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        # Spring Festival 2026 ends on 23 February; people work on Saturday the 28th instead.
        ("2026-02-14", "2026-02-24", 1),
        ("2026-02-27", "2026-03-02", 2),
        ("2026-02-28", "2026-03-01", 0),
        ("2026-03-02", "2026-02-27", -2),
        ("2025-12-31", "2026-01-05", 2),
    ],
)
def test_holidays_do_not_count_and_adjusted_saturdays_do(
    connection: duckdb.DuckDBPyConnection, first: str, last: str, days: int
) -> None:
    found = connection.execute("SELECT working_days(?::DATE, ?::DATE)", [first, last]).fetchone()
    assert found == (days,)


def test_a_year_that_the_calendar_does_not_know_gives_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    asked = """SELECT working_days(DATE '2026-01-05', DATE '2126-01-05'), add_working_days(DATE '2126-01-05', 1),
        working_days(NULL, DATE '2026-01-05'), add_working_days(DATE '2026-01-05', NULL)"""
    assert connection.execute(asked).fetchone() == (None, None, None, None)


def test_without_a_workspace_there_is_no_such_function(tmp_path: Path) -> None:
    with open_mart_duckdb(Lake(str(tmp_path)), "Asia/Shanghai") as found, pytest.raises(duckdb.CatalogException):
        found.execute("SELECT working_days(DATE '2026-01-05', DATE '2026-01-06')")


def test_a_file_of_the_workspace_decides(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    (tmp_path / "workspace.yaml").write_text("packs: []\ntimezone: Asia/Shanghai\n")
    file = "calendar: CN\nyear: 2126\nholidays: [2126-01-02]\nworkdays: [2126-01-05]\n"
    (tmp_path / "calendars" / "cn-2126.yaml").write_text(file)
    # 2126-01-05 is a Saturday.
    counted = CountedDays(workspace_days(Workspace(tmp_path)))
    assert counted.between(date(2126, 1, 1), date(2126, 1, 5)) == 3
    assert counted.after(date(2126, 1, 1), 1) == date(2126, 1, 3)


@given(DAYS, st.integers(0, 120))
def test_they_are_those_of_the_calendar_day_by_day(first: date, span: int) -> None:
    days = [first + timedelta(days=number) for number in range(span + 1)]
    assert COUNTED.between(first, days[-1]) == sum(map(CALENDAR.is_workday, days[1:]))


@given(DAYS, st.integers(1, 60))
def test_the_day_by_which_so_many_have_passed_has_them_before_it(day: date, number: int) -> None:
    due = COUNTED.after(day, number)
    assert due == CALENDAR.add_workdays(day, number)
    assert COUNTED.between(day, due) == number
    assert COUNTED.after(day, -number) == CALENDAR.add_workdays(day, -number)


@given(DAYS, DAYS, DAYS)
def test_spans_that_meet_add_up(first: date, second: date, third: date) -> None:
    parts = [COUNTED.between(first, second), COUNTED.between(second, third)]
    assert COUNTED.between(first, third) == sum(part for part in parts if part is not None)
    assert None not in parts
