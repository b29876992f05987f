"""Chicago's workspace on the stand-in portal: every count, and the hour that comes twice."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from citylake.pipelines.lake.ledger import Ledger
from tests.workspaces.conftest import Ran

# Rows that came, that are in the table, and that were refused. Of 144 rows of the beach weather stations one has no
# time: it is no row of any day, and is not asked for.
COUNTS = {
    "environment.beach_water": (48, 47, 1),
    "environment.rain_gauges": (143, 143, 0),
    "environment.weather_readings": (143, 142, 1),
    "government.building_permits": (15, 14, 1),
    "government.business_licences": (20, 19, 1),
    "government.hotline_cases": (40, 38, 2),
    "traffic.segment_speed": (294, 288, 5),
    "traffic.segments_now": (6, 6, 0),
}


@pytest.fixture(scope="module")
def chicago(ran: Callable[..., Ran], services: str) -> Ran:
    return ran("chicago", CHICAGO_URL=f"{services}/chicago")


def test_every_dataset_comes_with_every_row(chicago: Ran) -> None:
    assert chicago.outcomes[0].exit_code == 0
    assert chicago.counts() == COUNTS


def test_the_quarantine_holds_what_was_planted_and_nothing_else(chicago: Ran) -> None:
    assert chicago.refused() == {
        "environment.beach_water": {"VALUE_OUT_OF_RANGE": 1},
        "environment.weather_readings": {"VALUE_OUT_OF_RANGE": 1},
        "government.building_permits": {"REQUIRED_MISSING": 1},
        "government.business_licences": {"CODE_UNKNOWN": 1},
        "government.hotline_cases": {"CODE_UNKNOWN": 1, "CASE_CLOSED_BEFORE_ACCEPTED": 1},
        "traffic.segment_speed": {"KEY_DUPLICATE": 5},
    }


ANEW = {"traffic.segment_speed", "traffic.segments_now"}
"""What is asked whole each time: a day's rows, and the present."""


def test_a_second_run_asks_for_what_was_updated_since_and_changes_nothing(chicago: Ran) -> None:
    assert chicago.outcomes[1].exit_code == 0
    assert chicago.counts(1) == {name: (0, 0, 0) if name in ANEW else (1, 0, 0) for name in COUNTS}
    rows = {name: chicago.standard(name).height for name in COUNTS}
    assert rows == {name: taken for name, (_, taken, _) in COUNTS.items()}


def test_what_was_updated_is_remembered_only_where_the_contract_says_so(chicago: Ran) -> None:
    ledger = Ledger(chicago.lake)
    known = {name: ledger.states(name) for name in COUNTS}
    asked_anew = {name for name, states in known.items() if not any(states.values())}
    assert asked_anew == ANEW
    assert known["government.hotline_cases"]["v6vf-nfxy"]["updated_at"] == "2026-11-02T09:00:00.000Z"


def test_miles_an_hour_become_kilometres_and_no_data_becomes_no_value(chicago: Ran) -> None:
    now = chicago.standard("traffic.segments_now").sort("segment_code")
    assert now["mean_speed_kmh"].round(2).to_list() == [33.8, 35.41, 37.01, 38.62, 40.23, None]
    assert now["segment_length_m"].unique().round(1).to_list() == [772.5]


def test_readings_of_the_hour_that_comes_twice_are_warned_of_and_the_later_are_refused(chicago: Ran) -> None:
    readings = chicago.standard("traffic.segment_speed")
    warned = readings.filter(pl.col("_warnings") == "TIME_REPEATED")["observed_at"].unique().to_list()
    assert [f"{moment:%H:%M %Z}" for moment in warned] == ["06:00 UTC"]
    assert readings.filter(pl.col("_warnings").is_not_null()).height == 6
    issues = {entry["dataset"]: entry["issues"] for entry in chicago.outcomes[0].document["datasets"]}
    assert ("TIME_REPEATED", 6) in [(issue["code"], issue["rows"]) for issue in issues["traffic.segment_speed"]]


def test_licences_and_requests_speak_the_elements_of_every_city(chicago: Ran) -> None:
    licences = chicago.standard("government.business_licences")
    assert licences["licence_status"].value_counts().sort("licence_status").rows() == [("1", 14), ("2", 5)]
    cases = chicago.standard("government.hotline_cases")
    assert set(cases["case_status"].unique()) == {"20", "50", "80"}
    assert cases["region_code"].null_count() == 10


def test_the_common_mart_tells_what_chicago_publishes(chicago: Ran) -> None:
    assert chicago.ask("SELECT day::VARCHAR AS day, precipitation_24h_mm, cases FROM city_by_day ORDER BY day") == [
        {"day": "2026-10-31", "precipitation_24h_mm": 1.0, "cases": 18},
        {"day": "2026-11-01", "precipitation_24h_mm": 1.0, "cases": 20},
    ]
    (row,) = chicago.ask("SELECT count(pm25_24h_ugm3) AS air, count(mean_speed_kmh) AS speed FROM city_by_day")
    assert row == {"air": 0, "speed": 2}
    assert chicago.ask("SELECT sum(cases)::INTEGER AS cases FROM region_by_day") == [{"cases": 28}]
