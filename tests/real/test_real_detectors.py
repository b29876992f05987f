"""Detectors: many files of one measure each become one table that says what it measures, where, and in which unit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def test_every_reading_has_the_detector_and_measure_of_its_files_name(ran: Any) -> None:
    counted = ran.standard("traffic.nab_readings").group_by("measure", "device_code", "reading_unit").len()
    assert {(measure, device): (unit, rows) for measure, device, unit, rows in counted.iter_rows()} == {
        ("speed", "6005"): ("[mi_i]/h", 2_500),
        ("speed", "7578"): ("[mi_i]/h", 1_127),
        ("speed", "t4013"): ("[mi_i]/h", 2_495),
        ("occupancy", "6005"): ("%", 2_380),
        ("occupancy", "t4013"): ("%", 2_500),
        ("travel_time", "387"): ("s", 2_500),
        ("travel_time", "451"): ("s", 2_162),
    }


def test_times_without_a_zone_are_minnesotas(ran: Any) -> None:
    rows = ran.standard("traffic.nab_readings")
    first = rows.filter(rows["device_code"] == "387")["observed_at"].min()
    assert first == datetime(2015, 7, 10, 19, 24, tzinfo=UTC)


def test_two_readings_of_one_minute_are_both_kept(ran: Any) -> None:
    rows = ran.standard("traffic.nab_readings").filter(device_code="t4013", measure="speed")
    twice = rows.filter(rows["observed_at"].is_duplicated())["reading"]
    assert sorted(twice) == [62.0, 66.0]
