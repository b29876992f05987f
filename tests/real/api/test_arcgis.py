"""Recorded FeatureServer answers: what came is kept, and what is missing is told with both numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pyproj import Geod

NAME = "place.features"
FT2_IN_M2 = (1200 / 3937) ** 2
"""A square US survey foot, in which Cook county computes areas."""


@pytest.fixture
def recorded(data: Path) -> Path:
    return data / "api/arcgis"


@pytest.fixture
def take(trial: Any) -> Any:
    """``take(source, key)``: one run over a source; the outcome of its dataset."""

    def run(source: dict[str, Any], key: str, **fields: Any) -> Any:
        contract = {
            "dataset": NAME,
            "title": {"zh": "要素", "en": "features"},
            "owner": {"department": "test"},
            "source": source,
            "fields": {key: {"element": "facility.code", "required": True}, **fields},
            "write": {"mode": "append"},
        }
        trial.declare("datasets/place/features", contract)
        return trial.run()

    return run


PLACE = {"geometry.longitude": {"element": "place.longitude"}, "geometry.latitude": {"element": "place.latitude"}}
OBSERVED = {"observed": {"element": "time.observed_at", "format": "epoch_ms"}}


def replay(city: Any, reply: Any, metadata: Path, count: Path, ids: Path, page: Path) -> str:
    """The service whose answers were recorded; its address."""

    def answer(asked: Any) -> Any:
        if not asked.path.endswith("/query"):
            return reply(metadata.read_bytes())
        kind = "returnCountOnly" in asked.params, "returnIdsOnly" in asked.params
        return reply({(True, False): count, (False, True): ids}.get(kind, page).read_bytes())

    city.answer = answer
    return f"{city.url}/rest/services/Recorded/MapServer"


def raw(trial: Any) -> pl.DataFrame:
    (receipt,) = trial.receipts(NAME)
    return pl.read_parquet(f"{trial.lake.raw(NAME, receipt['id'])}/*.parquet")


def test_esri_says_312_and_sends_1000_so_the_receipt_says_both_and_keeps_the_bytes(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    name = "us-esri-test/us-esri-test"
    files = [recorded / f"{name}-{part}.json" for part in ("metadata", "count-only", "ids-only", "0")]
    outcome = take({"connector": "arcgis", "url": replay(city, reply, *files)}, "objectid", **PLACE, **OBSERVED)
    (receipt,) = trial.receipts(NAME)
    assert (outcome.exit_code, receipt["status"]) == (2, "incomplete")
    assert (receipt["declared_count"], receipt["stored_count"]) == (312, 1000)
    assert [Path(path).read_bytes() for path in receipt["landing"]] == [files[3].read_bytes()]
    assert not Path(trial.lake.standard(NAME)).exists()


def test_esris_1000_features_have_162_without_geometry(take: Any, trial: Any, recorded: Path) -> None:
    path = recorded / "us-esri-test/us-esri-test-0.json"
    source = {"connector": "files", "path": str(path), "format": "arcgis"}
    assert take(source, "objectid", **PLACE, **OBSERVED).exit_code == 0
    told = json.loads(path.read_bytes())["features"]
    rows = raw(trial).sort("_row")
    assert (len(rows), rows["geometry.source"].null_count(), rows["geometry.longitude"].null_count()) == (
        1000,
        162,
        162,
    )
    assert [text and json.loads(text) for text in rows["geometry.source"]] == [each.get("geometry") for each in told]
    assert rows["observed"].to_list() == [
        None if each["attributes"]["observed"] is None else str(each["attributes"]["observed"]) for each in told
    ]


def test_carson_declares_30551_and_sends_6(take: Any, trial: Any, city: Any, reply: Any, recorded: Path) -> None:
    name = "us-ca-carson/us-ca-carson"
    files = [recorded / f"{name}-{part}.json" for part in ("metadata", "count-only", "ids-only", "0")]
    outcome = take({"connector": "arcgis", "url": replay(city, reply, *files)}, "OBJECTID", **PLACE)
    (receipt,) = trial.receipts(NAME)
    assert (outcome.exit_code, receipt["status"]) == (2, "incomplete")
    assert (receipt["declared_count"], receipt["stored_count"]) == (30_551, 6)


def test_carsons_6_features_stand_where_its_geojson_says(take: Any, trial: Any, recorded: Path) -> None:
    folder = recorded / "us-ca-carson"
    source = {"connector": "files", "path": str(folder / "us-ca-carson-0.json"), "format": "arcgis"}
    take(source, "OBJECTID", **PLACE)
    rows = raw(trial).sort("_row")
    # The recording ends with a comma too many.
    text = re.sub(r",\s*]", "]", (folder / "us-ca-carson-cache.geojson").read_text("utf-8"))
    geojson = json.loads(text)["features"]
    places = {each["properties"]["OBJECTID"]: each["geometry"]["coordinates"] for each in geojson}
    found = rows.drop_nulls("geometry.longitude").select("OBJECTID", "geometry.longitude", "geometry.latitude").rows()
    assert (len(rows), len(found)) == (6, 5)
    assert all(places[int(number)] == [float(x), float(y)] for number, x, y in found)
    assert rows["SITEFRAC"].to_list()[0] == " "


def test_cook_answers_count_and_ids_with_features_and_is_read_by_spans_of_ids(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    folder = recorded / "us-il-cook"
    pages = [json.loads((folder / f"page-{part}.json").read_bytes()) for part in ("full", "partial")]
    features = [each for page in pages for each in page["features"]]
    url = replay(
        city, reply, *(folder / f"{part}.json" for part in ("metadata", "count-only", "ids-only", "page-full"))
    )
    recorded_answer = city.answer

    def answer(asked: Any) -> Any:
        limits = re.findall(r"OBJECTID (>=|<) (-?\d+)", asked.params.get("where", ""))
        if not limits or "outFields" not in asked.params:
            return recorded_answer(asked)
        found = [each for each in features if _within(each["attributes"]["OBJECTID"], limits)]
        return reply({**pages[0], "features": found[:500]})

    city.answer = answer
    assert take({"connector": "arcgis", "url": url, "layer": 11}, "OBJECTID", **PLACE).exit_code == 0
    (receipt,) = trial.receipts(NAME)
    assert (receipt["declared_count"], receipt["stored_count"], receipt["proof"]) == (None, 502, "keyset")
    assert raw(trial)["OBJECTID"].n_unique() == 502


def _within(number: int, limits: list[tuple[str, str]]) -> bool:
    return all(number >= int(limit) if sign == ">=" else number < int(limit) for sign, limit in limits)


def test_cooks_500_parcels_in_state_plane_feet_keep_their_areas_in_degrees(
    take: Any, trial: Any, recorded: Path
) -> None:
    source = {"connector": "files", "path": str(recorded / "us-il-cook/count-only.json"), "format": "arcgis"}
    assert take(source, "PIN14").exit_code == 0
    rows = raw(trial)
    assert (len(rows), set(rows["geometry.wkid"])) == (500, {"3435"})
    told = rows["SHAPE_Area"].cast(pl.Float64).to_numpy() * FT2_IN_M2
    assert np.allclose([_area_m2(text) for text in rows["geometry.wkt"]], told, rtol=5e-4)


def _area_m2(wkt: str) -> float:
    """On the ellipsoid: outer rings run with the clock in Esri's order, holes against it."""
    rings = re.findall(r"\(([-\d.e, ]+)\)", wkt)
    spots = [np.array([pair.split() for pair in ring.split(", ")], dtype=float) for ring in rings]
    return -sum(Geod(ellps="WGS84").polygon_area_perimeter(*ring.T)[0] for ring in spots)
