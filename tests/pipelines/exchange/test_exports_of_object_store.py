"""A lake on an object store is exported as one in a folder is: rows, facts and the record of the access."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import yaml

import citylake
from citylake.pipelines.exchange.export_formats import choose, export_dcat, export_odcs, export_rows
from citylake.pipelines.exchange.exported_files import ExportFolder
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.receiver import Receiver
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.read.registry import load_registry
from tests.object_store import BUCKET, s3_url, store
from tests.small_workspace import write_small_workspace

__all__ = ["s3_url", "store"]


@pytest.mark.usefixtures("store")
def test_a_lake_on_an_object_store_is_exported(tmp_path: Path) -> None:
    root = write_small_workspace(tmp_path / "city")
    url = f"{BUCKET}/exchange"
    assert citylake.run(citylake.Workspace.load(root), citylake.Lake(url)).exit_code in (0, 2)
    registry, lake, folder = load_registry(root), Lake(url), ExportFolder(tmp_path / "out")
    for chosen in (choose(registry, ["air.readings"], (), every=False), choose(registry, (), ["air"], every=False)):
        export_rows("parquet", registry, lake, Receiver(), chosen, folder, Iris())
    assert pl.read_parquet(tmp_path / "out/air.readings.parquet").height == 4
    assert pl.read_parquet(tmp_path / "out/air.station_day.parquet").height == 3
    every = choose(registry, (), (), every=True)
    export_dcat(registry, lake, Receiver(), every, folder, Iris())
    assert "byteSize" in (tmp_path / "out/catalogue.jsonld").read_text(encoding="utf-8")
    export_odcs(registry, lake, Receiver(), every, folder, Iris())
    document = yaml.safe_load((tmp_path / "out/air.readings.odcs.yaml").read_text(encoding="utf-8"))
    assert document["servers"] == [
        {"server": "standard", "type": "s3", "location": f"{url}/standard/air.readings", "format": "delta"}
    ]
    recorded = citylake.Lake(url).ledger("SELECT subject, rows FROM accesses ORDER BY sequence").rows()
    assert recorded == [("air.readings", 4), ("air", 3)]
