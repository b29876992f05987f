"""Vectors: five cities in three frames, computed by two independent libraries to 1e-6 degrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, hypot, radians
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.conform.bind.coordinate_frames import convert_from_wgs84, convert_to_wgs84
from citylake.schemas.model.place_words import CoordinateSystem

WGS = [
    (116.397428, 39.909230),
    (121.473700, 31.230400),
    (114.057900, 22.543100),
    (104.066800, 30.572800),
    (87.616800, 43.825600),
]
GCJ = [
    (116.403672, 39.910634),
    (121.478223, 31.228458),
    (114.063014, 22.540383),
    (104.069305, 30.570346),
    (87.619650, 43.826805),
]
BD = [
    (116.410044, 39.916973),
    (121.484781, 31.234311),
    (114.069564, 22.546042),
    (104.075783, 30.576352),
    (87.626100, 43.832950),
]
ROUNDED = 1.5e-6

points = st.lists(st.tuples(st.floats(75, 134), st.floats(19, 53)), min_size=1, max_size=50)


@pytest.mark.parametrize(("frame", "given"), [("GCJ-02", GCJ), ("BD-09", BD), ("WGS-84", WGS), ("CGCS2000", WGS)])
def test_known_cities_come_back_to_wgs84(frame: CoordinateSystem, given: list[tuple[float, float]]) -> None:
    for found, right in zip(_move(convert_to_wgs84, given, frame), WGS, strict=True):
        assert found == pytest.approx(right, abs=ROUNDED)


@pytest.mark.parametrize(("frame", "right"), [("GCJ-02", GCJ), ("BD-09", BD)])
def test_known_cities_are_shifted_as_published(frame: CoordinateSystem, right: list[tuple[float, float]]) -> None:
    for found, published in zip(_move(convert_from_wgs84, WGS, frame), right, strict=True):
        assert found == pytest.approx(published, abs=ROUNDED)


@pytest.mark.parametrize("frame", ["GCJ-02", "BD-09"])
@settings(deadline=None, max_examples=25)
@given(points)
def test_there_and_back_is_within_a_micrometre(frame: CoordinateSystem, places: list[tuple[float, float]]) -> None:
    for found, right in zip(
        _move(convert_to_wgs84, _move(convert_from_wgs84, places, frame), frame), places, strict=True
    ):
        east_m = (found[0] - right[0]) * 111_320 * cos(radians(right[1]))
        assert hypot(east_m, (found[1] - right[1]) * 110_950) < 1e-6


@pytest.mark.parametrize("frame", ["GCJ-02", "BD-09"])
def test_points_abroad_and_points_that_are_none_stay_where_they_are(frame: CoordinateSystem) -> None:
    abroad = [(2.35, 48.85), (-74.0, 40.7), (0.0, 0.0), (116.4, 91.0), (None, None), (float("inf"), 39.9)]
    assert _move(convert_to_wgs84, abroad, frame) == abroad


def test_the_conversion_streams_and_leaves_other_columns_alone() -> None:
    frame = pl.LazyFrame({"id": [1, 2], "lon": [116.403672, 2.0], "lat": [39.910634, 48.0]})
    found = convert_to_wgs84(frame, "lon", "lat", "GCJ-02")
    assert found.collect_schema().names() == ["id", "lon", "lat"]
    plan = found.show_graph(engine="streaming", plan_stage="physical", raw_output=True)
    in_memory = 'fillcolor="0.0 0.3 1.0"'
    assert in_memory not in str(plan)


def _move(
    how: Callable[..., pl.LazyFrame], places: Sequence[Any], frame: CoordinateSystem
) -> list[tuple[float, float]]:
    lf = pl.LazyFrame(places, schema={"lon": pl.Float64, "lat": pl.Float64}, orient="row")
    return how(lf, "lon", "lat", frame).collect(engine="streaming").rows()
