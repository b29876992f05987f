"""GTFS-Realtime from the stand-in city to the standard zone: every snapshot, whole or told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.protocols.gtfs_rt_messages import bus_snapshots
from citylake.infra.city.serve.city_data import CityData
from tests import transit
from tests.thorough import spread

VEHICLES = "/transit/rt/vehicles.pb"


def test_every_vehicle_with_an_id_is_where_its_bus_said(trial: Any, standin: str, standin_folder: Path) -> None:
    transit.vehicles(trial, f"{standin}{VEHICLES}?slot=30", params={"city": "lanhai"})
    outcome = trial.run()
    sent = bus_snapshots(CityData(standin_folder))[30].positions
    entry = trial.dataset(outcome, transit.VEHICLES)
    assert entry["rows_in"] == len(sent)
    table = trial.standard(transit.VEHICLES)
    good = [each for each in sent if each["vehicleId"] and abs(each["pos"]["lat"]) <= 90 and each["speed"] < 80]
    assert set(table["vehicle_id"]) == {each["vehicleId"] for each in good}
    first = good[0]
    (row,) = table.filter(
        vehicle_id=first["vehicleId"], observed_at=pl.from_epoch(pl.lit(first["ts"])).dt.replace_time_zone("UTC")
    ).to_dicts()
    # Coordinates are floats of 32 bits on the wire: six or seven digits.
    assert (float(row["latitude_deg"]), float(row["longitude_deg"])) == pytest.approx(
        (first["pos"]["lat"], first["pos"]["lon"]), abs=1e-5
    )
    assert float(row["vehicle_speed_kmh"]) == pytest.approx(first["speed"] * 3.6, abs=1e-3)
    assert row["current_status"] == ("1" if first["speed"] == 0 else "2")


def test_snapshots_add_up_and_one_that_has_not_changed_adds_nothing(trial: Any, standin: str) -> None:
    feed = f"{standin}/with/rotating@adds{VEHICLES}"
    transit.vehicles(trial, feed)
    assert trial.run().exit_code == 0
    first = trial.standard(transit.VEHICLES)
    trial.run()
    both = trial.standard(transit.VEHICLES)
    assert both["published_at"].n_unique() == 2
    assert both.filter(pl.col("published_at") == first["published_at"][0]).height == first.height


def test_an_unchanged_message_is_not_sent_again(trial: Any, standin: str) -> None:
    transit.vehicles(trial, f"{standin}{VEHICLES}?slot=3")
    trial.run()
    before = trial.standard(transit.VEHICLES).height
    trial.run()
    (first, second) = trial.receipts(transit.VEHICLES)
    assert (first["status"], first["proof"], second["status"]) == ("received", "snapshot", "unchanged")
    assert (second["size_bytes"], second["same_as"]) == (0, first["id"])
    assert trial.standard(transit.VEHICLES).height == before


def test_another_content_under_the_same_time_is_read_and_told(trial: Any, standin: str) -> None:
    transit.vehicles(trial, f"{standin}/with/rotating,same_stamp@same{VEHICLES}")
    trial.run()
    told = trial.dataset(trial.run(), transit.VEHICLES)["problems"]
    assert [problem["code"] for problem in told if problem["code"] == "STAMP_REPEATED"] == ["STAMP_REPEATED"]
    assert trial.standard(transit.VEHICLES)["published_at"].n_unique() == 1


def test_a_header_older_than_its_vehicles_is_told(trial: Any, standin: str) -> None:
    transit.vehicles(trial, f"{standin}/with/old_stamp{VEHICLES}?slot=5")
    codes = [problem["code"] for problem in trial.dataset(trial.run(), transit.VEHICLES)["problems"]]
    assert "GTFS_RT_CLOCK" in codes
    assert trial.standard(transit.VEHICLES).height > 0


@pytest.mark.parametrize("fault", spread(["wrong_type", "gzip", "slow", "503:1@rt", "429:1@rt", "cut:1@rt", "skew"], 3))
def test_what_heals_or_does_not_matter_changes_nothing(trial: Any, standin: str, fault: str) -> None:
    transit.vehicles(trial, f"{standin}/with/{fault}{VEHICLES}?slot=7")
    assert trial.run().exit_code == 0
    assert trial.standard(transit.VEHICLES).height > 20


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("half", "GTFS_RT_BROKEN"),
        ("unstamped", "GTFS_RT_UNSTAMPED"),
        ("differential", "GTFS_RT_DIFFERENTIAL"),
        ("login", "FILE_IS_HTML"),
        ("404", "HTTP_REFUSED"),
        ("cut", "HTTP_NO_ANSWER"),
        ("elsewhere", "HTTP_REDIRECTED"),
    ],
)
def test_what_cannot_be_believed_is_told_and_nothing_is_landed(trial: Any, standin: str, fault: str, code: str) -> None:
    transit.vehicles(trial, f"{standin}/with/{fault}{VEHICLES}?slot=7", attempts=2)
    assert trial.run().exit_code == 2
    (receipt,) = trial.receipts(transit.VEHICLES)
    assert (receipt["status"], receipt["landing"]) == ("failed", [])
    assert code in receipt["problems"]
    assert not Path(trial.lake.standard(transit.VEHICLES)).exists()


def test_changes_alone_are_taken_where_the_contract_says_so(trial: Any, standin: str) -> None:
    transit.vehicles(trial, f"{standin}/with/differential{VEHICLES}?slot=7", format={"differential": True})
    assert trial.run().exit_code == 0


def test_calls_of_the_trips_that_run_and_none_of_the_cancelled(trial: Any, standin: str) -> None:
    transit.calls(trial, f"{standin}/transit/rt/trip_updates.pb?slot=10")
    assert trial.run().exit_code == 0
    table = trial.standard(transit.CALLS)
    assert table["trip_id"].n_unique() == 5
    delays = table.group_by("trip_id").agg(pl.col("delay_s").n_unique())
    assert set(delays["delay_s"]) == {1}
    assert (table["expected_departure_at"] > table["expected_arrival_at"]).all()


def test_an_alert_has_a_row_for_each_route_it_is_about(trial: Any, standin: str) -> None:
    transit.alerts(trial, f"{standin}/transit/rt/alerts.pb?slot=10", "zh", "route_id", "transit.route_id")
    assert trial.run().exit_code == 0
    rows = trial.standard(transit.ALERTS).sort("informed").select("informed", "alert_cause", "alert_effect").rows()
    assert rows == [("R1", "8", "3"), ("R2", "8", "3")]
    assert set(trial.standard(transit.ALERTS)["alert_header"]) == {"大雨，车辆晚点"}
