"""Transit: every trip starts, ends and lasts as an independent count of the same feed says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest


def test_every_trip_of_cairns_starts_ends_and_lasts_as_is_known(ran: Any, data: Path) -> None:
    known = pl.read_csv(data / "gtfs/cairns_trip_stats.csv", infer_schema=False)
    known = known.select("trip_id", "start_time", "end_time", pl.col("duration").cast(pl.Float64))
    names = "trip_id, start_time, end_time, duration_h"
    rows = ran.ask("transit_trips", f"SELECT {names} FROM transit_trips WHERE feed = 'cairns_gtfs'")
    ours = {trip: (start, end, pytest.approx(duration)) for trip, start, end, duration in rows}
    assert len(ours) == 1_339
    assert {trip: (start, end, duration) for trip, start, end, duration in known.iter_rows()} == ours


def test_feeds_are_kept_apart_by_the_name_of_their_zip(ran: Any) -> None:
    counted = dict(ran.ask("transit_trips", "SELECT feed, count(*) FROM transit_trips GROUP BY ALL"))
    assert counted == {"cairns_gtfs": 1_339, "caltrain-2017-07-24": 188, "seattle-area-2017-11-16": 3_888}


def test_times_past_midnight_are_later_than_those_before(ran: Any) -> None:
    late = ran.standard("transit.gtfs_stop_times").filter(pl.col("departure_s") >= 24 * 3600)
    assert late.height == 1_405 + 60 + 782
    (last,) = ran.ask("transit_trips", "SELECT end_time, end_s FROM transit_trips ORDER BY end_s DESC LIMIT 1")
    assert last == ("29:39:00", 29 * 3600 + 39 * 60)


def test_stops_between_two_times_are_kept_without_a_time(ran: Any) -> None:
    assert ran.standard("transit.gtfs_stop_times")["departure_s"].null_count() == 65


def test_every_stop_time_has_its_trip_and_its_stop(ran: Any) -> None:
    checks = ran.dataset("transit.gtfs_stop_times")["checks"]
    references = [check for check in checks if check["name"].startswith("reference.")]
    assert {check["passed"] for check in references} == {True}
    assert len(references) == 4
