"""Recorded messages of BART, 7 August 2019: what the table holds is what their JSON says, row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests import transit

UPDATES, ALERT = "bart-trip-updates.pb", "bart-alerts.pb"
RELATIONSHIPS = {"SCHEDULED": "0", "ADDED": "1"}


@pytest.fixture
def feed(city: Any, reply: Any, data: Path) -> str:
    """The address below which the recordings are served."""
    city.answer = lambda asked: reply((data / "gtfs_rt" / asked.path.lstrip("/")).read_bytes())
    return str(city.url)


def said(data: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "gtfs_rt" / f"{name}.json").read_bytes())
    return found


def at(seconds: str | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def expected_calls(message: dict[str, Any]) -> list[tuple[Any, ...]]:
    stamp = at(message["header"]["timestamp"])
    return [
        (
            stamp,
            entity["tripUpdate"]["trip"]["tripId"],
            call["stopSequence"],
            call["stopId"],
            at(call.get("arrival", {}).get("time")),
            at(call.get("departure", {}).get("time")),
            call.get("arrival", {}).get("delay"),
            RELATIONSHIPS[entity["tripUpdate"]["trip"]["scheduleRelationship"]],
        )
        for entity in message["entity"]
        for call in entity["tripUpdate"].get("stopTimeUpdate", [])
    ]


COLUMNS = (
    "published_at",
    "trip_id",
    "stop_sequence",
    "stop_id",
    "expected_arrival_at",
    "expected_departure_at",
    "delay_s",
    "schedule_relationship",
)


def test_every_stop_time_is_the_one_that_was_sent(trial: Any, feed: str, data: Path) -> None:
    transit.calls(trial, f"{feed}/{UPDATES}")
    outcome = trial.run()
    message = said(data, UPDATES)
    expected = expected_calls(message)
    assert (len(message["entity"]), len(expected)) == (91, 1_060)
    entry = trial.dataset(outcome, transit.CALLS)
    assert (entry["rows_in"], entry["rows_standard"], entry["rows_quarantined"]) == (1_060, 1_060, 0)
    table = trial.standard(transit.CALLS)
    assert sorted(table.select(COLUMNS).rows(), key=str) == sorted(expected, key=str)
    # No stop says how it stands to the timetable: proto2's default, SCHEDULED, is not written for it.
    assert "stop_relationship" not in table.columns


def test_the_alert_says_what_was_sent(trial: Any, feed: str, data: Path) -> None:
    transit.alerts(trial, f"{feed}/{ALERT}", "en-US", "agency_id", "transit.agency_id")
    assert trial.run().exit_code == 0
    (entity,) = said(data, ALERT)["entity"]
    (row,) = trial.standard(transit.ALERTS).to_dicts()
    # 12 MEDICAL_EMERGENCY, 3 SIGNIFICANT_DELAYS.
    assert (row["alert_id"], row["informed"], row["alert_cause"], row["alert_effect"]) == (
        entity["id"],
        "BART",
        "12",
        "3",
    )
    assert row["alert_header"].split() == entity["alert"]["headerText"]["translation"][0]["text"].split()


def test_the_same_message_again_adds_nothing(trial: Any, feed: str) -> None:
    transit.calls(trial, f"{feed}/{UPDATES}")
    trial.run()
    trial.run()
    (first, second) = trial.receipts(transit.CALLS)
    assert (second["status"], second["same_as"]) == ("unchanged", first["id"])
    assert trial.standard(transit.CALLS).height == 1_060


def test_a_message_that_is_cut_anywhere_is_told(trial: Any, city: Any, reply: Any, data: Path) -> None:
    whole = (data / "gtfs_rt" / UPDATES).read_bytes()
    city.answer = lambda asked: reply(whole[:-7])
    transit.calls(trial, f"{city.url}/{UPDATES}", attempts=1)
    assert trial.run().exit_code == 2
    (receipt,) = trial.receipts(transit.CALLS)
    assert receipt["status"] == "failed"
    assert "GTFS_RT_BROKEN" in receipt["problems"]


def test_two_moments_of_one_feed_stand_side_by_side(trial: Any, city: Any, reply: Any, data: Path) -> None:
    from google.transit.gtfs_realtime_pb2 import FeedMessage

    first = FeedMessage.FromString((data / "gtfs_rt" / UPDATES).read_bytes())
    later = FeedMessage.FromString(first.SerializeToString())
    later.header.timestamp += 30
    city.answer = lambda asked: reply((first if len(city.asked) == 1 else later).SerializeToString())
    transit.calls(trial, f"{city.url}/{UPDATES}")
    trial.run()
    trial.run()
    counted = trial.standard(transit.CALLS).group_by("published_at").len()
    assert counted["len"].to_list() == [1_060, 1_060]
    assert counted.select((pl.col("published_at").max() - pl.col("published_at").min()).dt.total_seconds()).item() == 30
