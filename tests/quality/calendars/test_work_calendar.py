from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.quality.calendars import DayKind, WorkCalendar, load_work_calendar
from citylake.quality.calendars.zone_country import zone_country
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError

CN_2027 = """\
calendar: CN
year: 2027
holidays:
  - {from: 2027-02-05, to: 2027-02-11, name: 春节}
  - 2027-01-01
workdays: [2027-02-13]
"""


def calendar(folder: Path, settings: str = "", **files: str) -> WorkCalendar:
    (folder / "calendars").mkdir(exist_ok=True)
    (folder / "workspace.yaml").write_text(f"packs: []\n{settings}", encoding="utf-8")
    for name, text in files.items():
        (folder / "calendars" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_work_calendar(Workspace(folder))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 3, 2), DayKind.WORKDAY),
        (date(2026, 3, 7), DayKind.WEEKEND),
        (date(2026, 10, 1), DayKind.HOLIDAY),
        (date(2026, 10, 3), DayKind.HOLIDAY),
        # A Saturday on which people worked for the days off of the National Day week.
        (date(2026, 10, 10), DayKind.ADJUSTED_WORKDAY),
    ],
)
def test_china_has_holidays_and_adjusted_working_days(day: date, kind: DayKind, tmp_path: Path) -> None:
    assert calendar(tmp_path).day_kind(day) is kind


def test_a_year_that_the_library_does_not_know_is_judged_by_weekdays_and_asks_for_a_file(tmp_path: Path) -> None:
    found = calendar(tmp_path)
    new_year = date(2027, 1, 1)
    assert found.day_kind(new_year) is DayKind.WORKDAY
    assert not found.known(new_year)
    notice = found.notice([date(2026, 12, 31), new_year])
    assert notice is not None
    assert (notice.code, notice.values["file"]) == ("CALENDAR_UNKNOWN", "calendars/cn-2027.yaml")


def test_a_file_of_the_workspace_makes_a_year_known(tmp_path: Path) -> None:
    found = calendar(tmp_path, **{"cn-2027": CN_2027})
    assert [found.day_kind(date(2027, *day)) for day in ((1, 1), (2, 7), (2, 13), (2, 14))] == [
        DayKind.HOLIDAY,
        DayKind.HOLIDAY,
        DayKind.ADJUSTED_WORKDAY,
        DayKind.WEEKEND,
    ]
    assert found.notice([date(2027, 1, 1)]) is None


def test_a_file_overrides_what_the_library_knows(tmp_path: Path) -> None:
    found = calendar(tmp_path, **{"cn-2026": "calendar: CN\nyear: 2026\nholidays: [2026-03-02]\n"})
    assert found.day_kind(date(2026, 3, 2)) is DayKind.HOLIDAY
    assert found.day_kind(date(2026, 10, 1)) is DayKind.WORKDAY


def test_another_country_has_its_own_holidays_and_weekends(tmp_path: Path) -> None:
    illinois = calendar(tmp_path, "calendar: US-IL\n")
    assert illinois.day_kind(date(2026, 7, 3)) is DayKind.HOLIDAY
    assert illinois.day_kind(date(2026, 2, 12)) is DayKind.HOLIDAY, "Lincoln's birthday is a holiday of Illinois"
    egypt = calendar(tmp_path, "calendar: EG\n")
    assert (egypt.day_kind(date(2026, 3, 6)), egypt.day_kind(date(2026, 3, 8))) == (DayKind.WEEKEND, DayKind.WORKDAY)


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Asia/Shanghai", "CN"),
        ("PRC", "CN"),
        ("America/Chicago", "US"),
        ("UTC", ""),
        ("Etc/GMT-8", ""),
        ("nowhere", ""),
    ],
)
def test_a_time_zone_decides_the_country_if_it_belongs_to_one(zone: str, country: str) -> None:
    assert zone_country(zone) == country


def test_a_workspace_of_no_country_says_that_weekdays_alone_decide(tmp_path: Path) -> None:
    found = calendar(tmp_path, "timezone: UTC\n")
    assert found.day_kind(date(2026, 10, 1)) is DayKind.WORKDAY
    notice = found.notice([date(2026, 10, 1)])
    assert notice is not None
    assert notice.code == "CALENDAR_UNSET"


def test_a_calendar_that_no_library_has_is_an_error_with_the_similar_ones(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError) as caught:
        calendar(tmp_path, "calendar: US-ZZ\n").is_workday(date(2026, 1, 1))
    assert caught.value.code == "CALENDAR_UNSUPPORTED"


def test_an_unreadable_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match=r"cn-2027\.yaml") as caught:
        calendar(tmp_path, **{"cn-2027": "calendar: CN\nyear: 2027\nholidays: [2026-01-01]\n"})
    assert caught.value.code == "CALENDAR_UNREADABLE"


def test_working_days_jump_over_a_holiday_and_count_an_adjusted_day(tmp_path: Path) -> None:
    found = calendar(tmp_path)
    # National Day 2026: off from 1 to 7 October; Saturday the 10th is a working day.
    assert found.add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert found.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert found.add_workdays(date(2026, 10, 8), -1) == date(2026, 9, 30)


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(1, 30))
def test_the_nth_working_day_has_exactly_n_working_days_up_to_it(day: date, n: int) -> None:
    found = load_work_calendar(Workspace(Path(__file__).parents[3] / "workspaces" / "demo"))
    end = found.add_workdays(day, n)
    span = [day + timedelta(days=number + 1) for number in range((end - day).days)]
    assert sum(map(found.is_workday, span)) == n
    assert found.is_workday(end)
    if found.is_workday(day):
        assert found.add_workdays(end, -n) == day


def test_loading_a_calendar_imports_no_library_until_a_day_is_asked_about() -> None:
    code = (
        "import sys; from pathlib import Path; from citylake.quality.calendars import load_work_calendar;"
        "from citylake.schemas.read.workspace import Workspace;"
        "load_work_calendar(Workspace(Path(sys.argv[1])));"
        "sys.exit(bool({'holidays', 'chinese_calendar'} & set(sys.modules)))"
    )
    folder = Path(__file__).parents[3] / "workspaces" / "demo"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
