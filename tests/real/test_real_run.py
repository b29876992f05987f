"""The workspace as a whole: it ends well, accounts for every row, and does nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from citylake.quality.sensors.sensor_checks import CODES
from citylake.schemas.lint import lint_workspace

ROWS = {
    "air.cnemc_hourly": (45_360, 45_360, 0, 0),
    "air.cnemc_published": (45_360, 45_360, 0, 0),
    "air.cnemc_snapshot": (1_495, 39, 1_456, 0),
    "air.prsa_hourly": (70_128, 70_128, 0, 0),
    "weather.prsa_hourly": (70_128, 70_128, 0, 0),
    "place.divisions": (6_823, 6_823, 0, 0),
    "flights.departures": (336_776, 336_776, 0, 0),
    "flights.weather": (26_115, 26_114, 1, 0),
    "flights.carriers": (16, 16, 0, 0),
    "flights.aircraft": (3_322, 3_322, 0, 0),
    "flights.airports": (1_458, 1_458, 0, 0),
    "service.hz_schools": (646, 642, 4, 0),
    "traffic.nab_readings": (15_664, 15_664, 0, 0),
    "transit.gtfs_stop_times": (37_790 + 2_697 + 57_205, 97_692, 0, 0),
    "transit.gtfs_trips": (5_415, 5_415, 0, 0),
    "transit.gtfs_routes": (40, 40, 0, 0),
    "transit.gtfs_stops": (739, 739, 0, 0),
    "transit.gtfs_agency": (5, 5, 0, 0),
    "transit.gtfs_calendar": (17, 17, 0, 0),
    "transit.gtfs_calendar_dates": (889, 889, 0, 0),
}
MARTS = {"air_quality", "source_agreement", "departures_weather", "transit_trips"}


def test_the_declarations_have_no_fault() -> None:
    workspace = Path(__file__).parent / "workspace"
    assert [finding.say() for finding in lint_workspace(workspace)] == []


def test_the_run_ends_well_although_rows_are_refused(ran: Any) -> None:
    problems = {entry["dataset"]: entry["problems"] for entry in ran.outcome.document["datasets"]}
    assert ran.outcome.exit_code == 0, problems
    assert {batch.status for batch in ran.outcome.batches} == {"committed"}
    assert {item.mart for item in ran.outcome.publications if item.status == "published"} == MARTS


def test_every_row_of_every_dataset_is_accounted_for(ran: Any) -> None:
    assert {name: ran.counts(name) for name in ROWS} == ROWS
    assert {entry["dataset"] for entry in ran.outcome.document["datasets"]} == set(ROWS)


def test_the_tables_hold_what_was_counted(ran: Any) -> None:
    assert {name: ran.standard(name).height for name in ROWS} == {name: rows[1] for name, rows in ROWS.items()}


def test_what_is_told_beside_the_rows_is_known_and_no_field_is_left_unbound(ran: Any) -> None:
    told = {
        (entry["dataset"], problem["code"])
        for entry in ran.outcome.document["datasets"]
        for problem in entry["problems"]
    }
    # What the sensor tests find has a file of its own: test_real_sensors.py.
    assert {each for each in told if each[1] not in CODES.values()} == {
        ("air.cnemc_hourly", "COLUMN_REPEATED"),
        ("air.cnemc_published", "COLUMN_REPEATED"),
        ("flights.departures", "REFERENCE_MISSING"),
    }


def test_the_same_bytes_again_change_nothing_and_are_said_to_be_the_same(ran: Any, data: Path) -> None:
    again = ran.again(given={"CITYLAKE_DATA": str(data)})
    assert again.outcome.exit_code == 0
    assert {batch.status for batch in again.outcome.batches} == {"unchanged"}
    assert {item.status for item in again.outcome.publications} == {"unchanged"}
