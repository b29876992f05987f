"""Join readiness on public data: what is predicted is what a join gives, to the row."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from citylake.pipelines.silo.assess_join import GradedPath, JoinReadiness, assess_join
from citylake.pipelines.silo.join_views import open_join_views
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.real.conftest import WORKSPACE


@pytest.fixture(scope="module")
def join(ran: Any) -> Any:
    """``join(left, right)``: the readiness of two datasets of the lake."""
    registry = load_valid_registry(WORKSPACE)

    def assess(left: str, right: str) -> JoinReadiness:
        return assess_join(registry, ran.lake, left, right)

    return assess


def best(readiness: JoinReadiness) -> GradedPath:
    assert readiness.best is not None
    return readiness.best


def test_departures_without_an_aircraft_are_predicted_to_the_row(join: Any) -> None:
    found = best(join("flights.departures", "flights.aircraft"))
    assert found.measured.path.columns == [("tail_no", "tail_no")]
    left, right = found.measured.figures.left, found.measured.figures.right
    assert (left.rows_unknown, left.rows_without_key, left.rows) == (50_094, 2_512, 336_776)
    assert (right.rows_met, right.rows) == (3_322, 3_322)
    assert (left.fan_out, found.grade) == (1, "B")


def test_two_archives_of_air_meet_by_station_and_hour(ran: Any, join: Any) -> None:
    found = best(join("air.prsa_hourly", "air.cnemc_hourly"))
    assert set(found.measured.path.columns) == {("station_code", "station_code"), ("hour_start", "hour_start")}
    one, other = ran.standard("air.prsa_hourly"), ran.standard("air.cnemc_hourly")
    met = one.join(other, on=["station_code", "hour_start"]).height
    assert found.measured.figures.joined_rows == found.measured.figures.left.rows_met == met == 96
    told = {reason.code: reason.values for reason in found.reasons}
    assert told["unit_converted"]["column"] == "co_mgm3"


def test_stop_times_meet_their_stops_by_feed_and_number(ran: Any, join: Any) -> None:
    found = best(join("transit.gtfs_stop_times", "transit.gtfs_stops"))
    assert found.measured.path.columns == [("feed", "feed"), ("stop_id", "stop_id")]
    times, stops = ran.standard("transit.gtfs_stop_times"), ran.standard("transit.gtfs_stops")
    left, right = found.measured.figures.left, found.measured.figures.right
    assert left.rows_met == times.join(stops, on=["feed", "stop_id"], how="semi").height == 97_692
    assert right.rows_met == stops.join(times, on=["feed", "stop_id"], how="semi").height
    assert found.grade == "A"


def test_schools_meet_the_division_that_was_valid_on_their_day(ran: Any, join: Any) -> None:
    readiness = join("service.hz_schools", "place.divisions")
    found = best(readiness)
    assert set(found.measured.path.columns) == {("district_code", "division_code"), ("created_at", "valid_from")}
    schools, divisions = ran.standard("service.hz_schools"), ran.standard("place.divisions")
    day = pl.col("created_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
    pairs = schools.join(divisions, left_on="district_code", right_on="division_code").filter(
        day >= pl.col("valid_from"), pl.col("valid_to").is_null() | (day < pl.col("valid_to"))
    )
    assert found.measured.figures.joined_rows == pairs.height == schools.height
    with open_join_views(ran.lake, load_valid_registry(WORKSPACE), ["service.hz_schools", "place.divisions"]) as views:
        assert views.execute(f"SELECT count(*) FROM ({found.sql})").fetchone() == (pairs.height,)
