"""Landed files that are stored compressed on an object store. The store speaks S3 on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from citylake.pipelines.lake.digests import file_digest
from citylake.pipelines.lake.landed_file import is_stored_compressed
from citylake.pipelines.read.source_row import read_source_row
from citylake.schemas.words.errors import CitylakeError
from tests import stored_city
from tests.object_store import BUCKET, s3_url, store

__all__ = ["s3_url", "store"]
STEPS = ("first", "corrected")


@pytest.mark.usefixtures("store")
def test_rows_are_those_of_a_folder_without_the_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    near = stored_city.story(tmp_path / "near", str(tmp_path / "near/lake"), steps=STEPS)
    settings = stored_city.FILES["workspace.yaml"] + "landing: {compression: zstd}\n"
    monkeypatch.setitem(stored_city.FILES, "workspace.yaml", settings)
    city = stored_city.story(tmp_path / "far", f"{BUCKET}/lakes/compressed", steps=STEPS)
    lake = city.lake
    for zone in ("standard/traffic.counts", "standard/traffic.devices", "quarantine/traffic.counts"):
        assert_frame_equal(city.table(lake.path(zone)), near.table(near.lake.path(zone)))
    landed = lake.fs.find(lake.path("landing"))
    assert landed
    assert all(map(is_stored_compressed, landed))

    bad = pl.read_delta(lake.quarantine("traffic.counts"), storage_options=lake.storage_options).row(0, named=True)
    assert read_source_row(lake, bad["_receipt"], bad["_row"]) == json.loads(bad["raw"])
    assert city.json("verify", "--deep")[1]["findings"] == []
    monkeypatch.setattr(file_digest, "_WHOLE", 8)
    assert city.json("verify", "--deep")[1]["findings"] == []
    assert city.json("replay", "traffic.devices")[0] == 0

    path = next(each for each in landed if f"/{bad['_receipt']}/" in each)
    lake.fs.pipe_file(path, lake.fs.cat_file(path)[:-4])
    (finding,) = city.json("verify", "traffic.counts", "--deep")[1]["findings"]
    assert (finding["code"], finding["file"]) == (
        "VERIFY_LANDING_DAMAGED",
        path.removeprefix(f"{BUCKET.removeprefix('s3://')}/lakes/compressed/"),
    )
    with pytest.raises(CitylakeError) as error:
        read_source_row(lake, bad["_receipt"], bad["_row"])
    assert error.value.problem.code == "LANDING_CHANGED"
