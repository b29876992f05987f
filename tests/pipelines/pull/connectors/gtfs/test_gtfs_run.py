"""A GTFS zip from the stand-in city to the standard zone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citylake.infra.city.generate import TRUTH_FILE
from tests.transit import declare

FEED = "/transit/lanhai_gtfs.zip"
CALLS = "transit.gtfs_stop_times"
STOPS = "transit.gtfs_stops"


def stop_times(trial: Any, url: str, **source: Any) -> None:
    fields = {
        "trip_id": {"element": "transit.trip_id", "required": True},
        "stop_sequence": {"element": "transit.stop_sequence", "required": True},
        "stop_id": {"element": "transit.stop_id", "required": True},
        "arrival_time": {"element": "transit.arrival_time", "format": "duration_hms"},
        "departure_time": {"element": "transit.departure_time", "format": "duration_hms"},
    }
    source = {"connector": "gtfs", "url": url, "format": {"type": "gtfs", "table": "stop_times"}, **source}
    write = {"mode": "upsert", "key": ["trip_id", "stop_sequence"]}
    declare(trial, CALLS, source, fields=fields, ignore=["platform_note"], write=write)


def stops(trial: Any, url: str) -> None:
    fields = {
        "stop_id": {"element": "transit.stop_id", "required": True},
        "stop_name": {"element": "transit.stop_name", "required": True},
        "stop_lat": {"element": "place.latitude"},
        "stop_lon": {"element": "place.longitude"},
    }
    source = {"connector": "gtfs", "url": url, "format": {"type": "gtfs", "table": "stops"}}
    declare(trial, STOPS, source, fields=fields, write={"mode": "upsert", "key": ["stop_id"]})


def test_the_timetable_is_read_as_it_was_made(trial: Any, standin: str, standin_folder: Path) -> None:
    stop_times(trial, f"{standin}{FEED}")
    stops(trial, f"{standin}{FEED}")
    outcome = trial.run()
    truth = json.loads((standin_folder / TRUTH_FILE).read_text("utf-8"))["datasets"]["traffic.bus_timetable"]
    entry = trial.dataset(outcome, CALLS)
    assert (entry["rows_in"], entry["rows_standard"]) == (truth["rows"], truth["standard"])
    assert trial.standard(CALLS)["departure_s"].max() > 24 * 3600
    assert trial.standard(STOPS).filter(stop_id="S999")["latitude_deg"].to_list() == [None]


def test_an_unchanged_feed_is_not_sent_again(trial: Any, standin: str) -> None:
    stop_times(trial, f"{standin}{FEED}")
    trial.run()
    trial.run()
    (first, second) = trial.receipts(CALLS)
    assert (first["status"], first["proof"]) == ("received", "snapshot")
    assert (second["status"], second["size_bytes"]) == ("unchanged", 0)


@pytest.mark.parametrize("fault", ["wrong_type", "gzip", "503:1@gtfs", "cut:1@gtfs"])
def test_what_heals_or_does_not_matter_changes_nothing(trial: Any, standin: str, fault: str) -> None:
    stop_times(trial, f"{standin}/with/{fault}{FEED}")
    assert trial.run().exit_code == 0
    assert trial.standard(CALLS).height > 1_000


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("half", "ZIP_BROKEN", "not a zip"),
        ("login", "FILE_IS_HTML", "Login"),
        ("subfolder", "GTFS_NO_TABLE", "lanhai/stop_times.txt"),
        ("404", "HTTP_REFUSED", "not here"),
    ],
)
def test_what_is_no_feed_is_told_and_not_landed(trial: Any, standin: str, fault: str, code: str, said: str) -> None:
    stop_times(trial, f"{standin}/with/{fault}{FEED}", attempts=2)
    assert trial.run().exit_code == 2
    (receipt,) = trial.receipts(CALLS)
    assert (receipt["status"], receipt["landing"]) == ("failed", [])
    assert code in receipt["problems"]
    assert said in receipt["problems"]
