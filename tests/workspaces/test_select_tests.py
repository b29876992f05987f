"""The tests beside the SELECTs of the demonstration city pass."""

from __future__ import annotations

from citylake.pipelines.marts.unit.run_mart_tests import MartTester, find_mart_tests
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import DEMO


def test_every_test_of_a_select_of_the_demonstration_city_passes() -> None:
    registry = load_valid_registry(DEMO)
    cases = find_mart_tests(registry)
    assert {case.mart for case in cases} == {"city_day", "enterprise_check", "road_air_hour"}
    with MartTester(registry) as tester:
        assert [(case.test.name, outcome.lines) for case in cases if not (outcome := tester.run(case)).passed] == []
