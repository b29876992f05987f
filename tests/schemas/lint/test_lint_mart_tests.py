"""Lint knows the tests of SELECTs: their tables, inputs, columns and values; a faulty test stops no run."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.schemas.lint import find_errors, lint_workspace
from citylake.schemas.lint.lint_mart_tests import faults_of_tests
from citylake.schemas.read.given_values import value_fault
from citylake.schemas.read.mart_tests import columns_of_several_codes, mart_test_files
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO
from tests.small_workspace import write_small_workspace

TEST = """
- name: a day
  given:
    air.readings:
      - {station_code: S1, hour_start: 2026-03-01T08:00, pm25_ugm3: 10}
  expect:
    rows:
      - {station_code: S1, day: 2026-03-01, pm25_ugm3: 10, readings: 1}
"""


def _found(folder: Path, text: str, file: str = "station_day.test.yaml") -> list[tuple[str, int]]:
    workspace = write_small_workspace(folder / "workspace")
    (workspace / "marts" / "air" / file).write_text(text, encoding="utf-8")
    named = [each for each in lint_workspace(workspace) if each.path.name == file]
    assert find_errors(load_registry(workspace)) == [], "what stops a run"
    return [(each.code, each.line) for each in named]


def test_a_right_test_has_no_finding(tmp_path: Path) -> None:
    assert _found(tmp_path, TEST) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("pm25_ugm3: 10}\n  expect", "pm25: 10}\n  expect", "COLUMN_UNKNOWN", 5),
        ("readings: 1", "reading: 1", "COLUMN_UNKNOWN", 8),
        ("station_code: S1, hour", "station_code: 1, hour", "MART_TEST_VALUE", 5),
        ("2026-03-01T08:00", "2026-13-01T08:00", "MART_TEST_VALUE", 5),
        ("pm25_ugm3: 10, readings", "pm25_ugm3: ten, readings", "MART_TEST_VALUE", 8),
        ("    air.readings:", "    air.reading:", "MART_TEST_INPUT_UNREAD", 4),
        ("    air.readings:", "    air.reading:", "MART_TEST_INPUT_MISSING", 3),
        ("  expect:\n    rows:", "  expect:\n    row:", "KEY_UNKNOWN", 7),
        ("  expect:\n", "  expect:\n    error: MART_CHECK_FAILED\n", "DECLARATION_INCONSISTENT", 6),
    ],
)
def test_a_fault_has_its_line(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    assert TEST.count(old) == 1
    assert (code, line) in _found(tmp_path, TEST.replace(old, new))


def test_several_codes_of_one_field_are_judged_one_by_one(tmp_path: Path) -> None:
    registry = load_registry(WHITEPAPER_WORKSPACE)
    mart, table = registry.marts["connected_vehicles"], "vehicle_region_hour"
    columns = columns_of_several_codes("transit.vehicle_positions", registry)
    assert columns == {"alarms", "states"}
    path = mart_test_files(mart, registry)[table]
    assert list(faults_of_tests(mart, table, path, registry)) == []
    wrong = tmp_path / path.name
    wrong.write_text(path.read_text("utf-8").replace('"1,21"', '"1,99"'), "utf-8")
    assert [each.code for each in faults_of_tests(mart, table, wrong, registry)] == ["MART_TEST_VALUE"]


def test_an_unknown_error_and_an_unknown_table(tmp_path: Path) -> None:
    expected = TEST[: TEST.index("  expect")] + "  expect: {error: MART_CHEK_FAILED}\n"
    assert _found(tmp_path, expected) == [("MART_TEST_ERROR_UNKNOWN", 6)]
    assert _found(tmp_path, TEST, "station_days.test.yaml") == [("MART_TEST_WITHOUT_TABLE", 1)]


def test_a_code_that_its_list_does_not_have_is_a_fault() -> None:
    registry = load_registry(DEMO)
    element = registry.elements["place.region_code"]
    assert value_fault("990101", element, registry) is None
    assert value_fault("999999", element, registry) is not None
