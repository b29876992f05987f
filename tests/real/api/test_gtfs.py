"""Real timetables, served with an ETag and pulled as a city would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.transit import declare

FEEDS = {
    "cairns_gtfs.zip": (37_790, 1_339),
    "caltrain-2017-07-24.zip": (2_697, 188),
    "seattle-area-2017-11-16.zip": (57_205, 3_888),
}
DATASET = "transit.pulled_stop_times"


@pytest.fixture
def feed(city: Any, reply: Any, data: Path) -> str:
    """The address below which the recordings are served, to those who do not have them."""

    def answer(asked: Any) -> Any:
        body = (data / "gtfs" / asked.path.lstrip("/")).read_bytes()
        tag = f'"{len(body)}"'
        same = asked.headers.get("if-none-match") == tag
        return reply(b"" if same else body, 304 if same else 200, {"ETag": tag})

    city.answer = answer
    return str(city.url)


@pytest.mark.parametrize("name", FEEDS)
def test_every_stop_time_arrives_and_is_not_sent_twice(trial: Any, feed: str, name: str) -> None:
    rows, trips = FEEDS[name]
    fields = {
        "feed": {"element": "transit.feed", "required": True},
        "trip_id": {"element": "transit.trip_id", "required": True},
        "stop_sequence": {"element": "transit.stop_sequence", "required": True},
        "departure_time": {"element": "transit.departure_time", "format": "duration_hms"},
    }
    source = {
        "connector": "gtfs",
        "url": f"{feed}/{name}",
        "format": {"type": "gtfs", "table": "stop_times"},
        "name_fields": r"(?P<feed>[^/]+)\.zip$",
    }
    declare(
        trial, DATASET, source, fields=fields, write={"mode": "upsert", "key": ["feed", "trip_id", "stop_sequence"]}
    )
    trial.run()
    trial.run()
    table = trial.standard(DATASET)
    assert (table.height, table["trip_id"].n_unique()) == (rows, trips)
    assert set(table["feed"]) == {name.removesuffix(".zip")}
    assert [receipt["status"] for receipt in trial.receipts(DATASET)] == ["received", "unchanged"]
