"""Transit: the headways of the white paper's mart, over a real timetable, are those of an independent count."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.lint.valid_registry import load_valid_registry

MART = WHITEPAPER_WORKSPACE / "marts" / "transit_service"
WEEKDAY = "CNS2014-CNS_MUL-Weekday"


@pytest.fixture(scope="module")
def calls(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The mart's table ``call`` in DuckDB: Cairns on a weekday on which every bus is on time."""
    folder = tmp_path_factory.mktemp("cairns")
    (folder / "transit").mkdir()
    shutil.copy(data / "gtfs/cairns_gtfs.zip", folder / "transit")
    lake, registry, this = Lake(str(folder / "lake")), load_valid_registry(WHITEPAPER_WORKSPACE), new_run()
    context = RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this, {"CITY_FILES": str(folder)}))
    run_pipeline(context, datasets=("transit.trips", "transit.timetable"), marts=())
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA transit; SET TimeZone = 'Asia/Shanghai'")
    for name in ("trips", "timetable"):
        rows = pl.read_delta(lake.standard(f"transit.{name}")).filter(pl.col("trip_id").str.starts_with(WEEKDAY))
        connection.register(f"{name}_rows", rows.to_arrow())
        connection.execute(f"CREATE TABLE transit.{name} AS FROM {name}_rows")
    connection.execute(
        "CREATE TABLE transit.arrivals AS SELECT DATE '2014-06-02' AS day, trip_id, stop_id, stop_sequence, "
        "(TIMESTAMP '2014-06-02' + to_seconds(arrival_s)) AT TIME ZONE 'Asia/Shanghai' AS expected_arrival_at "
        "FROM transit.timetable"
    )
    connection.execute(f"CREATE TABLE call AS {(MART / 'call.sql').read_text('utf-8')}")
    return connection


def test_headways_at_first_stops_are_those_of_known_departures(calls: Any, data: Path) -> None:
    known = pl.read_csv(data / "gtfs/cairns_trip_stats.csv", infer_schema=False)
    known = known.filter(pl.col("trip_id").str.starts_with(WEEKDAY))
    compared = 0
    for (route, direction), trips in known.group_by("route_id", "direction_id"):
        stops = trips["start_stop_id"].unique().to_list()
        sql = (
            "SELECT trip_id, planned_headway_s FROM call WHERE route_id = ? AND direction_id = ? AND stop_id = ? "
            "ORDER BY planned_at, trip_id"
        )
        found = calls.execute(sql, [route, direction, stops[0]]).fetchall()
        if len(stops) > 1 or len(found) != trips.height:
            continue  # Buses that begin elsewhere, or come past twice, have other headways there.
        starts = sorted(_seconds(start) for start in trips["start_time"])
        assert [headway for _, headway in found] == [None, *(b - a for a, b in pairwise(starts))]
        compared += trips.height
    assert compared >= 200


def test_a_service_on_time_has_no_missing_trip_and_no_excess_wait(calls: Any) -> None:
    assert calls.execute("SELECT count(*) FROM call WHERE arrived_at IS NULL").fetchone() == (0,)
    uneven = "SELECT count(*) FROM call WHERE planned_headway_s IS DISTINCT FROM observed_headway_s"
    assert calls.execute(uneven).fetchone() == (0,)
    calls.execute(f"CREATE OR REPLACE TABLE headway_hour AS {(MART / 'headway_hour.sql').read_text('utf-8')}")
    (most,) = calls.execute("SELECT max(abs(excess_wait_s)) FROM headway_hour").fetchone()
    assert most < 1e-9


def _seconds(clock: str) -> int:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + seconds
