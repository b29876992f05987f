"""One bad cell gives one reason: what follows from it is not told again."""

from __future__ import annotations

import pytest

from tests.pipelines.conform.conftest import Bench

SPEEDS = """
fields:
  speed: {element: traffic.mean_speed, required: true}
  flow: {element: traffic.flow, optional: true}
rules:
  - {issue: TOO_FAST, when: "mean_speed_kmh > 150", text: {zh: 快, en: fast}}
  - {issue: NO_SPEED, when: "mean_speed_kmh IS NULL", text: {zh: 无, en: none}}
  - {issue: STANDING, when: "mean_speed_kmh > 100 AND flow_veh = 0", text: {zh: 停, en: standing}}
"""


@pytest.mark.parametrize(
    ("speed", "codes"),
    [
        ("abc", ["VALUE_UNREADABLE"]),
        ("", ["REQUIRED_MISSING"]),
        ("9999", ["VALUE_OUT_OF_RANGE"]),
        ("160", ["TOO_FAST", "STANDING"]),
        ("120", ["STANDING"]),
    ],
)
def test_rules_add_no_reason_to_a_value_that_is_refused(bench: Bench, speed: str, codes: list[str]) -> None:
    staged = bench.stage(SPEEDS, [{"speed": speed, "flow": "0"}])
    assert [code for code, _ in bench.reasons(staged)[1]] == codes


def test_two_bad_cells_give_two_reasons(bench: Bench) -> None:
    staged = bench.stage(SPEEDS, [{"speed": "abc", "flow": "x"}])
    assert [code for code, _ in bench.reasons(staged)[1]] == ["VALUE_UNREADABLE", "VALUE_UNREADABLE"]


def test_a_cell_that_makes_two_columns_is_told_once(bench: Bench) -> None:
    contract = """
fields:
  t: {element: time.hour_start, format: "%Y-%m-%d %H:%M", required: true}
  day: {element: time.day, from: t, format: "%Y-%m-%d %H:%M", required: true}
"""
    staged = bench.stage(contract, [{"t": "yesterday"}, {"t": ""}])
    assert bench.reasons(staged) == {1: [("TIME_UNREADABLE", "hour_start")], 2: [("REQUIRED_MISSING", "hour_start")]}


def test_an_unreadable_coordinate_does_not_make_its_pair_incomplete(bench: Bench) -> None:
    contract = """
fields:
  lon: {element: place.longitude, pair: lat}
  lat: {element: place.latitude, pair: lon}
"""
    staged = bench.stage(contract, [{"lon": "east", "lat": "40"}, {"lon": "", "lat": "40"}])
    assert [[code for code, _ in each] for each in bench.reasons(staged).values()] == [
        ["VALUE_UNREADABLE"],
        ["PAIR_INCOMPLETE"],
    ]


def test_an_identifier_of_the_wrong_length_has_no_wrong_check_digit_too(bench: Bench) -> None:
    staged = bench.stage("fields: {v: {element: organisation.uscc}}", [{"v": "91110000"}, {"v": "91110000600037341K"}])
    assert [[code for code, _ in each] for each in bench.reasons(staged).values()] == [
        ["VALUE_TOO_SHORT"],
        ["CHECK_DIGIT_WRONG"],
    ]
