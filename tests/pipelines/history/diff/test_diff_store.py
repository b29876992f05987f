"""Versions of a lake on an object store are compared like those of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from tests.object_store import BUCKET, s3_url, store
from tests.pipelines.history.diff.histories import City, late, sql

__all__ = ["s3_url", "store"]


@pytest.mark.usefixtures("store")
def test_a_lake_on_a_store_gives_the_same_cells_and_causes(tmp_path: Path) -> None:
    city = City(tmp_path, f"{BUCKET}/lakes/diff")
    city.begin()
    late(city, 1)
    sql(city, 1)
    first, second, _ = city.versions()
    cells = city.diff(first, second)
    assert cells["kinds"].to_list() == [["late"]] * cells.height
    assert set(cells["table"]) == {"station_day", "station"}
    assert set(city.diff()["kinds"].explode()) == {"sql"}
    lake = Lake(city.url)
    lake.remove(f"{lake.mart('air')}/air-{first}.duckdb")
    assert city.diff(first, second).equals(cells)
