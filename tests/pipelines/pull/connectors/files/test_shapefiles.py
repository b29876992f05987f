"""Shapefiles in a folder: the parts of one name are one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.pipelines.parse.geo_samples import shapefile

NAME = "place.areas"


def declare(trial: Any, folder: Path) -> None:
    trial.declare(
        "datasets/place/areas",
        {
            "dataset": NAME,
            "title": {"zh": "区域", "en": "areas"},
            "owner": {"department": "test"},
            "source": {"connector": "files", "path": f"{folder}/*.*", "format": "geo"},
            "fields": {"CODE": {"element": "facility.code", "required": True}},
            "ignore": ["geometry", "geometry.crs", "geometry.bbox"],
            "write": {"mode": "upsert", "key": ["facility_code"]},
        },
    )


def test_the_parts_of_a_shapefile_are_one_file_and_new_attributes_are_a_new_version(trial: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shapefile(folder, {"CODE": ["A1", "A2"]}, "first")
    shapefile(folder, {"CODE": ["B1"]}, "second")
    declare(trial, folder)
    assert trial.run().document["datasets"][0]["status"] == "committed"
    assert sorted(trial.standard(NAME)["facility_code"]) == ["A1", "A2", "B1"]
    assert [receipt["name"] for receipt in trial.receipts(NAME)] == ["first.shp", "second.shp"]
    table = folder / "first.dbf"
    table.write_bytes(table.read_bytes().replace(b"A2", b"A3"))
    trial.run()
    assert "A3" in set(trial.standard(NAME)["facility_code"])
    assert [receipt["status"] for receipt in trial.receipts(NAME)] == ["received"] * 3 + ["unchanged"]
