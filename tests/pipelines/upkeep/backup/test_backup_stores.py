"""Backups between a folder and an object store, in either direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup import backup_archive
from tests.object_store import BUCKET
from tests.stored_city import ASK, City, stored_city, story

TABLES = ("standard/traffic.counts", "standard/traffic.devices", "quarantine/traffic.counts", "ledger/duplicates")


def _status(city: City) -> Any:
    """Without the age of data, which grows with every second."""
    code, told = city.json("status")
    for each in told["datasets"]:
        del each["freshness"]["age_seconds"]
    return code, told


@pytest.mark.parametrize(
    ("lake", "place", "there"),
    [
        (f"{BUCKET}/lakes/one", f"{BUCKET}/kept/one", f"{BUCKET}/lakes/one again"),
        (f"{BUCKET}/lakes/two", "kept", "lake again"),
        ("lake", f"{BUCKET}/kept/three", f"{BUCKET}/lakes/three"),
    ],
    ids=["store to store", "store to folder", "folder to store"],
)
def test_a_lake_comes_back_from_where_it_was_kept(
    store: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    lake: str,
    place: str,
    there: str,
) -> None:
    lake, place, there = (
        url if "://" in url else str(tmp_path / url.replace(" ", "-")) for url in (lake, place, there)
    )
    city = stored_city(tmp_path_factory, lake) if "://" in lake else story(tmp_path, lake)
    monkeypatch.setenv("FILES", str(city.root / "files"))
    first = city.json("backup", place)[1]
    assert first["copied"] == first["files"] > 10
    assert city.json("backup", place)[1]["copied"] == 0
    again = City(city.root, Lake(there.replace(" ", "-")), {})
    assert again.json("restore", place)[0] == 0
    for table in TABLES:
        assert_frame_equal(again.table(again.lake.path(table)), city.table(city.lake.path(table)))
    assert (again.json(*ASK), _status(again)) == (city.json(*ASK), _status(city))
    code, told = again.json("run")
    # The story ends with a delivery that is held: it is asked again, and held again.
    assert (code, [each["status"] for each in told["datasets"]]) == (2, ["held", "unchanged"])
    assert again.json("restore", place)[1]["error"]["code"] == "LAKE_NOT_EMPTY"
    assert len(backup_archive.list_backups(Lake(place))) == 2
