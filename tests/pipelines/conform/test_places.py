"""Places: any reference system, two coordinates in one field, and places where none can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from citylake.pipelines.conform.bind.point_texts import holds_point, point_coordinate
from citylake.pipelines.conform.bind.projected_frames import project_to_wgs84
from tests.thorough import examples

NAME = "traffic.sites"
NO = {"id": {"element": "traffic.device_code", "required": True}}
BEIJING = [115.4, 39.4, 117.6, 41.1]


def run(trial: Any, lines: str, fields: dict[str, Any], **more: Any) -> Any:
    (trial.root / "in").mkdir(exist_ok=True)
    (trial.root / "in/sites.csv").write_text(lines, "utf-8")
    contract = {
        "dataset": NAME,
        "title": {"zh": "点", "en": "sites"},
        "owner": {"department": "test"},
        "source": {"connector": "files", "path": str(trial.root / "in/*.csv"), "format": "csv"},
        "fields": {**NO, **fields},
        "write": {"mode": "upsert", "key": ["device_code"]},
        "expect": {"quarantine_share": 1.0},
        **more,
    }
    trial.declare("datasets/traffic/sites", contract)
    return trial.run()


def pair(**both: Any) -> dict[str, Any]:
    return {
        "x": {"element": "place.longitude", "pair": "y", **both},
        "y": {"element": "place.latitude", "pair": "x", **both},
    }


def places(trial: Any) -> dict[str, tuple[float | None, float | None]]:
    rows = trial.standard(NAME).sort("device_code")
    return {row[0]: row[1:] for row in rows.select("device_code", "longitude_deg", "latitude_deg").rows()}


def refused(trial: Any) -> dict[str, set[str]]:
    if not Path(trial.lake.quarantine(NAME)).exists():
        return {}
    rows = trial.quarantine(NAME)
    return {raw.split('"')[3]: set(codes) for raw, codes in rows.select("raw", "codes").rows()}


def test_eastings_and_northings_of_a_national_grid(trial: Any) -> None:
    run(trial, "id,x,y\nD1,530000,180000\nD2,,\nD3,0,0\nD4,9e9,1\nD5,x,1\n", pair(frame="EPSG:27700"))
    found = places(trial)
    assert found["D1"] == pytest.approx((-0.12835, 51.50399), abs=1e-4)
    assert found["D2"] == (None, None)
    assert refused(trial)["D3"] == {"PLACE_ZERO"}
    assert refused(trial)["D4"] == {"PLACE_OUTSIDE_FRAME"}
    assert "VALUE_UNREADABLE" in refused(trial)["D5"]


@settings(max_examples=examples(16, 50), deadline=None)
@given(st.floats(-179, 179), st.floats(-80, 80), st.sampled_from([3857, 32650, 4490]))
def test_a_projection_and_back_is_the_same_place(lon: float, lat: float, code: int) -> None:
    lon = 117 + lon / 100 if code == 32650 else lon
    x, y = Transformer.from_crs(4326, code, always_xy=True).transform(lon, lat)
    moved = project_to_wgs84(pl.DataFrame({"x": [x, None], "y": [y, None]}), "x", "y", f"EPSG:{code}")
    assert moved.row(1) == (None, None)
    if moved.row(0) != (None, None):
        assert moved.row(0) == pytest.approx((lon, lat), abs=1e-7)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("39.9042,116.4074", ("116.4074", "39.9042")),
        ("(39.9042, 116.4074)", ("116.4074", "39.9042")),
        ("39.9042 116.4074", ("116.4074", "39.9042")),
        ("39.9042；116.4074", ("116.4074", "39.9042")),
        ("POINT (116.4074 39.9042)", ("116.4074", "39.9042")),
        ("SRID=4326;Point Z(116.4074 39.9042 5)", ("116.4074", "39.9042")),
        ('{"type": "Point", "coordinates": [116.4074, 39.9042]}', ("116.4074", "39.9042")),
        ("-1e1, +.5", ("point -1e1, +.5", "point -1e1, +.5")),
        ("39.9042", ("point 39.9042", "point 39.9042")),
        ("here", ("point here", "point here")),
        (" none ", ("none", "none")),
    ],
)
def test_two_coordinates_in_one_text(text: str, found: tuple[str, str]) -> None:
    frame = pl.DataFrame({"t": [text]})
    made = [
        point_coordinate(pl.col("t"), "lat,lon", longitude=each, sentinels=["none"]).alias(str(each))
        for each in (True, False)
    ]
    assert frame.select(made).row(0) == found
    assert frame.select(holds_point(pl.col("t"))).item() == (found[0] not in (text.strip(), f"point {text}"))


@pytest.mark.parametrize("frame", [None, "GCJ-02"])
def test_one_field_makes_both_columns_in_any_frame(trial: Any, frame: str | None) -> None:
    more = {"frame": frame} if frame else {}
    fields = {
        name: {"element": f"place.{name}", "from": "loc", "point": "lat,lon", **more}
        for name in ("longitude", "latitude")
    }
    run(trial, 'id,loc\nD1,"39.9042,116.4074"\nD2,POINT (116.4074 39.9042)\nD3,\nD4,here\n', fields)
    found = places(trial)
    assert found["D1"] == found["D2"]
    assert found["D1"] == pytest.approx((116.4074, 39.9042), abs=0.01)
    assert (found["D1"] == (116.4074, 39.9042)) == (frame is None)
    assert found["D3"] == (None, None)
    assert refused(trial) == {"D4": {"VALUE_UNREADABLE"}}


def test_two_coordinates_where_one_was_declared_say_what_to_write(trial: Any) -> None:
    run(trial, 'id,loc\nD1,"39.9042,116.4074"\nD2,116.4\n', {"loc": {"element": "place.longitude"}})
    assert refused(trial) == {"D1": {"POINT_IN_ONE_FIELD"}}


@pytest.mark.parametrize("fields", [pair(), {"x": {"element": "place.longitude"}, "y": {"element": "place.latitude"}}])
def test_zero_zero_is_no_place(trial: Any, fields: dict[str, Any]) -> None:
    run(trial, "id,x,y\nD1,116.4,39.9\nD2,0,0\nD3,0.0,0.0\nD4,0,51.5\n", fields)
    assert refused(trial) == {"D2": {"PLACE_ZERO"}, "D3": {"PLACE_ZERO"}}


def test_the_box_of_a_city_tells_exchanged_coordinates_and_far_places(trial: Any) -> None:
    run(trial, "id,x,y\nD1,116.4,39.9\nD2,39.9,116.4\nD3,40.4168,-3.7\nD4,,\n", pair(), bounds=BEIJING)
    assert refused(trial) == {"D2": {"VALUE_OUT_OF_RANGE"}}
    rows = trial.standard(NAME).sort("device_code")
    assert rows.select("device_code", "_warnings").rows() == [
        ("D1", None), ("D3", "PLACE_OUTSIDE_BOUNDS"), ("D4", None),
    ]  # fmt: skip


def test_the_box_of_the_workspace_holds_for_every_contract(trial: Any) -> None:
    file = trial.root / "workspace/workspace.yaml"
    file.write_text(file.read_text("utf-8") + "\nbounds: [1.4, 48.1, 3.6, 49.3]\n", "utf-8")
    run(trial, "id,x,y\nD1,48.8566,2.3522\nD2,2.3522,48.8566\nD3,40.4168,-3.7038\n", pair())
    assert refused(trial) == {"D1": {"PLACE_SWAPPED"}}
    assert trial.standard(NAME).sort("device_code")["_warnings"].to_list() == [None, "PLACE_OUTSIDE_BOUNDS"]
