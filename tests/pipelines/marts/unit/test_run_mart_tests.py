"""A test runs its SELECT over the rows that it gives, as a build would, and says what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.unit.run_mart_tests import find_mart_tests
from citylake.schemas.read.declaration_texts import read_declaration_texts
from citylake.schemas.read.registry import load_registry
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.marts.unit.conftest import GIVEN

RIGHT = GIVEN + "  expect: {rows: [{station_code: S1, day: 2026-03-01, pm25_ugm3: 15.25, readings: 2}]}\n"


def test_rows_as_expected_pass_and_the_place_of_the_test_is_known(run: Any) -> None:
    (outcome,) = run(RIGHT)
    assert outcome.passed
    assert (outcome.case.file.name, outcome.case.line) == ("station_day.test.yaml", 2)


def test_what_differs_is_named_by_row_and_column(run: Any) -> None:
    (outcome,) = run(RIGHT.replace("readings: 2", "readings: 3"))
    assert outcome.lines == ("row station_code=S1, day=2026-03-01: readings should be 3, is 2",)
    (outcome,) = run(RIGHT.replace("[{station_code: S1", "[{station_code: S2"))
    assert [line.split(":")[0] for line in outcome.lines] == ["missing row", "extra row"]


def test_all_columns_are_compared_unless_some_are_said_to_suffice(run: Any) -> None:
    few = GIVEN + "  expect: {rows: [{station_code: S1, readings: 2}]}\n"
    (outcome,) = run(few)
    assert outcome.lines == (
        "missing row: station_code=S1, day=null, pm25_ugm3=null, readings=2",
        "extra row: station_code=S1, day=2026-03-01, pm25_ugm3=15.25, readings=2",
    )
    (outcome,) = run(few.replace("expect: {", "expect: {columns: some, "))
    assert outcome.passed


def test_days_are_those_of_the_zone_of_the_workspace(run: Any) -> None:
    """23:30 in Shanghai is 15:30 in UTC, and one hour later is another day."""
    given = RIGHT.replace("T08:00", "T23:30").replace("2026-03-01T09:00", "2026-03-01T16:30:00+00:00")
    (outcome,) = run(given)
    assert outcome.lines[-1] == "extra row: station_code=S1, day=2026-03-02, pm25_ugm3=20.5, readings=1"


def test_rows_in_order_are_compared_in_order(run: Any) -> None:
    sql = "SELECT station_code, _day AS day, pm25_ugm3, 1 AS readings FROM air.readings ORDER BY pm25_ugm3 DESC"
    rows = (
        "{station_code: S1, day: 2026-03-01, pm25_ugm3: 20.5, readings: 1}",
        ("{station_code: S2, day: 2026-03-01, pm25_ugm3: 10, readings: 1}"),
    )
    given = GIVEN.replace("S1", "S2", 1)
    (outcome,) = run(f"{given}  expect: {{ordered: true, rows: [{', '.join(rows)}]}}\n", sql)
    assert outcome.passed, outcome.lines
    (outcome,) = run(f"{given}  expect: {{ordered: true, rows: [{', '.join(reversed(rows))}]}}\n")
    assert len(outcome.lines) == 4


def test_an_expected_error_passes_and_its_absence_does_not(run: Any) -> None:
    checked = "    checks: [{name: {zh: 少, en: few}, sql: SELECT count(*) FROM station_day WHERE readings > 1}]\n"
    (outcome,) = run(GIVEN + "  expect: {error: MART_CHECK_FAILED}\n", mart=checked)
    assert outcome.passed
    (outcome,) = run(GIVEN.replace("2026-03-01T09:00", "2026-03-02T09:00") + "  expect: {error: MART_CHECK_FAILED}\n")
    assert outcome.lines == ("it should fail with MART_CHECK_FAILED, and returned rows",)


def test_a_broken_check_or_grain_fails_a_test_that_expects_rows(run: Any) -> None:
    sql = "SELECT station_code, _day AS day, pm25_ugm3, 1 AS readings FROM air.readings"
    rows = "[{station_code: S1, pm25_ugm3: 10}, {station_code: S1, pm25_ugm3: 20.5}]"
    (outcome,) = run(f"{GIVEN}  expect: {{columns: some, rows: {rows}}}\n", sql)
    assert ["unique(station_code, day)" in line for line in outcome.lines] == [True]


def test_the_present_time_is_that_of_the_test(run: Any) -> None:
    sql = (
        "SELECT station_code, _day AS day, pm25_ugm3, date_diff('day', _day, current_date) AS readings "
        "FROM air.readings WHERE hour_start < now()"
    )
    rows = "  expect: {rows: [{station_code: S1, day: 2026-03-01, pm25_ugm3: 10, readings: 2}]}\n"
    (outcome,) = run(GIVEN + "  now: 2026-03-03T07:00\n" + rows, sql)
    assert "pm25_ugm3=20.5" in outcome.lines[0], "both hours are before"
    (outcome,) = run(GIVEN.replace("2026-03-01T09:00", "2026-03-03T07:30") + "  now: 2026-03-03T07:00\n" + rows)
    assert outcome.passed, outcome.lines
    (outcome,) = run(GIVEN + rows)
    assert "write now: in the test" in outcome.lines[0]


def test_a_value_that_is_no_value_of_its_column_is_named(run: Any) -> None:
    given = GIVEN.replace("pm25_ugm3: 10}", "pm25_ugm3: 10, _row: seven}")
    (outcome,) = run(given + "  expect: {rows: []}\n")
    assert "_row in row 1 of air.readings" in outcome.lines[0]


def test_a_faulty_file_runs_nothing_and_says_where(run: Any) -> None:
    with pytest.raises(CitylakeError) as caught:
        run(RIGHT.replace("station_code: S1, hour_start", "station: S1, hour_start"))
    assert caught.value.code == "MART_TEST_FAULTY"
    assert "station_day.test.yaml:5" in str(caught.value.problem.values["fault"]["en"])


def test_a_table_without_tests_is_said_so(workspace: Any) -> None:
    with pytest.raises(CitylakeError, match="no tests") as caught:
        find_mart_tests(load_registry(workspace), "air", "station_day")
    assert caught.value.code == "MART_TEST_NOT_FOUND"


def test_tests_change_no_fingerprint(small_city: Any) -> None:
    before = build_mart(small_city.registry.marts["air"], small_city.registry, small_city.lake)
    (small_city.root / "marts" / "air" / "summary.test.yaml").write_text("- {name: [", encoding="utf-8")
    after = build_mart(small_city.registry.marts["air"], small_city.registry, small_city.lake)
    assert (before.fingerprint, before.tables) == (after.fingerprint, after.tables)


def test_tests_are_no_part_of_the_revision_of_the_declarations(workspace: Path) -> None:
    before = read_declaration_texts(Workspace(workspace)).revision
    (workspace / "marts" / "air" / "station_day.test.yaml").write_text(RIGHT, encoding="utf-8")
    assert read_declaration_texts(Workspace(workspace)).revision == before
