"""Singapore's workspace on the stand-in services: every count, wide readings made long, lists within lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.workspaces.conftest import Ran

COUNTS = {
    "environment.air_hourly": (120, 120, 0),
    "environment.air_stations": (5, 5, 0),
    "environment.psi": (120, 119, 1),
    "environment.rain_intervals": (575, 574, 1),
    "environment.rain_stations": (2, 2, 0),
    "environment.weather_readings": (48, 47, 1),
    "traffic.carpark_availability": (5, 4, 1),
    "traffic.taxi_availability": (30, 29, 0),
}


def given(url: str) -> dict[str, str]:
    """The workspace's variables for the services at ``url``."""
    root = f"{url}/singapore"
    return {"SINGAPORE_API": f"{root}/v2/real-time/api", "SINGAPORE_TRANSPORT": f"{root}/v1/transport"}


@pytest.fixture(scope="module")
def singapore(ran: Callable[..., Ran], services: str) -> Ran:
    return ran("singapore", **given(services))


def test_every_dataset_comes_with_every_row(singapore: Ran) -> None:
    assert singapore.outcomes[0].exit_code == 0
    assert singapore.counts() == COUNTS


def test_the_quarantine_holds_what_was_planted_and_nothing_else(singapore: Ran) -> None:
    assert singapore.refused() == {
        "environment.psi": {"VALUE_OUT_OF_RANGE": 1},
        "environment.rain_intervals": {"VALUE_OUT_OF_RANGE": 1},
        "environment.weather_readings": {"VALUE_OUT_OF_RANGE": 1},
        "traffic.carpark_availability": {"CODE_UNKNOWN": 1},
    }


def test_a_second_run_changes_nothing(singapore: Ran) -> None:
    assert set(singapore.statuses(1).values()) == {"unchanged"}


def test_a_region_is_a_row_and_an_hour_begins_before_its_label(singapore: Ran) -> None:
    air = singapore.standard("environment.air_hourly")
    assert sorted(air["station_code"].unique()) == ["central", "east", "north", "south", "west"]
    assert air["pm25_ugm3"].null_count() == 1
    # 00:00 of the day names the last hour of the day before, 8 hours east of Greenwich.
    assert air["hour_start"].dt.to_string("%Y-%m-%d %H").min() == "2026-10-31 15"


def test_five_minutes_of_rain_end_at_their_label(singapore: Ran) -> None:
    rain = singapore.standard("environment.rain_intervals")
    wet = rain.filter(rain["precipitation_mm"] > 0).sort("interval_start")["interval_start"].unique(maintain_order=True)
    assert [f"{moment:%H:%M}" for moment in wet] == ["23:25", "23:30"]
    assert rain["precipitation_mm"].null_count() == 1


def test_an_index_and_its_concentrations_are_one_row_a_region(singapore: Ran) -> None:
    psi = singapore.standard("environment.psi")
    assert psi.select("published_aqi", "pm25_24h_ugm3", "pm10_24h_ugm3", "so2_24h_ugm3").null_count().row(0) == (0,) * 4


def test_each_kind_of_space_of_each_car_park_is_a_row(singapore: Ran) -> None:
    parks = singapore.standard("traffic.carpark_availability").sort("facility_code", "parking_lot_kind")
    assert parks.select("facility_code", "parking_lot_kind", "parking_free_spaces", "_warnings").rows() == [
        ("BM29", "1", 98, "MORE_FREE_THAN_SPACES"),
        ("HE12", "1", 36, None),
        ("HLM", "1", 0, None),
        ("HLM", "3", 11, None),
    ]


def test_every_taxi_is_counted_though_two_stand_at_one_place(singapore: Ran) -> None:
    taxis = singapore.standard("traffic.taxi_availability")
    assert taxis["taxis_available_veh"].unique().to_list() == [30]
    assert (taxis.height, taxis["longitude_deg"].min()) == (29, 103.7)


def test_the_common_mart_tells_what_singapore_publishes(singapore: Ran) -> None:
    (row,) = singapore.ask("SELECT * FROM city_by_day")
    assert row["day"] == date(2026, 11, 1)
    assert (row["pm25_24h_ugm3"], row["precipitation_24h_mm"]) == (20.5, 0.4)
    assert (row["mean_speed_kmh"], row["cases"]) == (None, None)
    regions = singapore.ask("SELECT region_code FROM region_by_day ORDER BY 1")
    assert [region["region_code"] for region in regions] == ["central", "east", "north", "south", "west"]


def test_a_failure_under_status_200_is_told_and_nothing_is_sealed(ran: Callable[..., Ran], services: str) -> None:
    failing = ran("singapore", "environment.rain_stations", runs=1, **given(f"{services}/with/error_200"))
    (told,) = failing.outcomes[0].document["datasets"]
    assert failing.outcomes[0].exit_code == 2
    assert "Service unavailable" in told["problems"][0]["text"]["en"]
    assert failing.lake.fs.glob(f"{failing.lake.standard('environment.rain_stations')}/*.parquet") == []
