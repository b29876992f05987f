"""The volume gate compares each day of a batch with earlier days of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.quality.audit import AuditCounts, TableHistory, audit_batch
from citylake.quality.audit.like_days import find_like_days
from citylake.quality.calendars import WorkCalendar
from citylake.quality.calendars.library_years import library_year
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from tests.thorough import examples

CHINA = WorkCalendar("CN", source=lambda year: library_year("CN", year))
FIRST, TODAY = date(2026, 3, 2), date(2026, 6, 1)  # a Monday
ORDINARY = 2_876


def contract(**more: Any) -> Contract:
    base: dict[str, Any] = {
        "dataset": "traffic.detector_flow",
        "title": {"zh": "检测器流量", "en": "detector flow"},
        "owner": {"department": "市交通运输局"},
        "source": {"connector": "files", "path": "*.csv", "format": "csv"},
        "schedule": {"cron": "30 1 * * *", "late_days": 2},
        "fields": {"设备编号": {"element": "traffic.device_code"}},
        "write": {"mode": "upsert", "key": ["code", "at"], "partition": "day(at)"},
        "expect": {"rows": {"vs_history": 0.5}},
    }
    return Contract.model_validate(base | more)


def write_day(folder: Path, day: date, rows: int, start: int = 0, receipt: str = "r1") -> str:
    file = folder / f"_day={day}" / f"{receipt}-{start}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    at = datetime.combine(day, time(4), UTC)
    codes = pl.int_range(start, start + rows, eager=True).cast(pl.String)
    pl.DataFrame({"code": codes, "at": [at] * rows, "_receipt": [receipt] * rows}).write_parquet(file)
    return str(file)


def judge(
    folder: Path, of: Contract, staged: Mapping[date, int], stored: Mapping[date, int], **more: Any
) -> dict[str, CheckResult]:
    files = [write_day(folder / "staged", day, rows) for day, rows in staged.items()]
    kept = {day: [write_day(folder / "stored", day, rows, receipt="r0")] for day, rows in stored.items()}
    history = TableHistory(by_day=True, rows=stored, files=kept, calendar=more.get("calendar", CHINA), today=TODAY)
    return audit(of, files, sum(staged.values()), history)


def audit(of: Contract, files: Sequence[str], rows: int, history: TableHistory) -> dict[str, CheckResult]:
    with duckdb.connect() as connection:
        now = datetime.combine(TODAY, time(1), UTC)
        checks = audit_batch(of, AuditCounts(rows, rows, 0), connection, files=files, now=now, history=history)
    return {check.name: check for check in checks}


def days(count: int, rows: int = ORDINARY, first: date = FIRST) -> dict[date, int]:
    return {first + timedelta(days=number): rows for number in range(count)}


def test_the_first_ordinary_day_after_a_backfill_of_14_days_passes(tmp_path: Path) -> None:
    found = judge(tmp_path, contract(), days(1, first=date(2026, 3, 16)), days(14))
    assert found["rows.vs_history"].passed
    assert found["rows.vs_history"].observed.startswith("1 of 1 days judged")


def test_a_day_with_less_than_half_of_the_median_of_like_days_is_held_with_both_numbers(tmp_path: Path) -> None:
    found = judge(tmp_path, contract(), {date(2026, 3, 16): 1_437}, days(14))["rows.vs_history"]
    assert found.holds
    assert found.problem is not None
    values = found.problem.values
    assert (found.problem.code, values["rows"], values["median"], values["days"]) == (
        "ROWS_BELOW_HISTORY",
        1_437,
        ORDINARY,
        10,
    )


def test_a_quiet_weekend_is_compared_with_weekends(tmp_path: Path) -> None:
    stored = {day: 300 if day.weekday() > 4 else ORDINARY for day in days(21)}
    found = judge(tmp_path, contract(), {date(2026, 3, 28): 290, date(2026, 3, 29): 140}, stored)["rows.vs_history"]
    assert found.problem is not None
    assert (found.problem.values["day"], found.problem.values["count"]) == ("2026-03-29", 1)


def test_below_the_stated_number_of_like_days_the_gate_is_silent_and_says_so(tmp_path: Path) -> None:
    found = judge(tmp_path, contract(), {date(2026, 3, 5): 1}, days(3))["rows.vs_history"]
    assert found.passed
    assert found.observed == "3 of 4 like days known: not judged"
    strict = contract(expect={"rows": {"vs_history": 0.5, "like_days": 3}})
    assert judge(tmp_path / "again", strict, {date(2026, 3, 5): 1}, days(3))["rows.vs_history"].holds


def test_the_day_in_progress_is_not_judged_and_days_of_late_rows_only_warn(tmp_path: Path) -> None:
    stored = days(30, first=date(2026, 4, 20))
    found = judge(tmp_path, contract(), {TODAY: 1}, stored)
    assert found["rows.vs_history"].observed == "only days in progress: not judged"
    late = judge(tmp_path / "late", contract(), {TODAY - timedelta(days=3): 10}, stored)
    assert late["rows.vs_history"].holds, "29 May, three days before, is complete"
    longer = contract(schedule={"cron": "30 1 * * *", "late_days": 3})
    late = judge(tmp_path / "later", longer, {TODAY - timedelta(days=3): 10}, stored)
    assert late["rows.vs_history"].passed
    assert (late["rows.late_days"].passed, late["rows.late_days"].severity) == (False, "warning")


def test_late_rows_of_a_day_count_with_those_that_are_in_the_table(tmp_path: Path) -> None:
    day = date(2026, 3, 16)
    stored = days(15)
    kept = {each: [write_day(tmp_path / "stored", each, rows, receipt="r0")] for each, rows in stored.items()}
    # 100 rows come late: 40 of them replace rows of the same key.
    files = [write_day(tmp_path / "staged", day, 100, start=ORDINARY - 40)]
    history = TableHistory(by_day=True, rows=stored, files=kept, calendar=CHINA, today=TODAY)
    found = audit(contract(), files, 100, history)["rows.vs_history"]
    assert found.passed
    assert f"{day}: {ORDINARY + 60:,} of {ORDINARY:,}" in found.observed
    replace = contract(write={"mode": "replace", "partition": "day(at)"})
    assert audit(replace, files, 100, history)["rows.vs_history"].holds, "a replacement leaves its own rows alone"


def test_rows_of_a_receipt_that_is_read_again_do_not_count_twice(tmp_path: Path) -> None:
    stored, day = days(15), date(2026, 3, 16)
    kept = {each: [write_day(tmp_path / "stored", each, rows, receipt="r0")] for each, rows in stored.items()}
    files = [write_day(tmp_path / "staged", day, 100, receipt="r9")]
    of = contract(write={"mode": "append", "partition": "day(at)"})
    history = TableHistory(by_day=True, rows=stored, files=kept, calendar=CHINA, today=TODAY, replaced=["r0"])
    found = audit(of, files, 100, history)["rows.vs_history"]
    assert found.problem is not None
    assert found.problem.values["rows"] == 100


def test_a_year_without_a_calendar_falls_back_to_weekdays_and_asks_for_it(tmp_path: Path) -> None:
    nothing = WorkCalendar("CN")
    found = judge(tmp_path, contract(), days(1, first=date(2026, 3, 16)), days(14), calendar=nothing)
    assert found["rows.vs_history"].passed
    notice = found["rows.calendar"].problem
    assert notice is not None
    assert (notice.code, notice.values["file"]) == ("CALENDAR_UNKNOWN", "calendars/cn-2026.yaml")
    assert found["rows.calendar"].severity == "warning"


@pytest.mark.parametrize(
    ("day", "like"),
    [
        # The Saturday on which people worked for National Day is like a working day, and no working day like it alone.
        (date(2026, 10, 10), {date(2026, 10, 8), date(2026, 10, 9)}),
        (date(2026, 10, 4), {date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)}),
        (date(2026, 10, 11), set()),
    ],
)
def test_adjusted_working_days_and_holidays_are_compared_with_their_own_kind(day: date, like: set[date]) -> None:
    known = [date(2026, 10, number) for number in range(1, 11)]
    assert set(find_like_days(CHINA, day, known, 4)) == like


def test_days_of_one_weekday_are_preferred_when_there_are_enough() -> None:
    known = list(days(42))
    mondays = find_like_days(CHINA, date(2026, 4, 13), known, 4)
    assert {day.weekday() for day in mondays} == {0}
    # 6 April 2026 is a holiday (Qingming), the other five Mondays are working days.
    assert len(mondays) == 5


@settings(max_examples=examples(6, 15), deadline=None)
@given(st.data())
def test_the_verdict_on_a_day_does_not_depend_on_how_the_days_are_spread_over_batches(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.sampled_from([4, 9, 10, 12]), min_size=8, max_size=14))
    arriving = {FIRST + timedelta(days=number): count for number, count in enumerate(rows)}
    at_once = short_days(judge(tmp_path_factory.mktemp("once"), contract(), arriving, {}))
    stored: dict[date, int] = {}
    one_by_one = set()
    for day, count in arriving.items():
        found = judge(tmp_path_factory.mktemp("day"), contract(), {day: count}, stored)
        if found["rows.vs_history"].holds:
            one_by_one.add(day)
        else:
            stored[day] = count
    assert at_once == len(one_by_one)


def short_days(found: Mapping[str, CheckResult]) -> int:
    problem = found["rows.vs_history"].problem
    return int(problem.values["count"]) if problem else 0
