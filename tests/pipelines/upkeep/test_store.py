"""Upkeep of a lake on an object store. The store is a server that speaks S3 on this machine."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from citylake.pipelines.cli import main
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.publish import mart_leases
from citylake.pipelines.read.mart_reader import open_mart
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
from citylake.schemas.read.registry import load_registry
from tests.object_store import BUCKET, s3_url, store
from tests.pipelines.upkeep.conftest import Town

__all__ = ["s3_url", "store"]

GOOD = "时间,设备,流量\n2026-03-0{day} 08:00,JT000000000{device},{flow}\n2026-03-0{day} 09:00,JT0000000001,many\n"


def call(town: Town, lake: Lake, *arguments: str) -> int:
    return main(["--workspace", str(town.root / "workspace"), "--lake", lake.url, *arguments, "--json"])


def rows(lake: Lake, *places: str) -> list[Any]:
    tables = [pl.read_delta(lake.path(*place.split("/")), storage_options=lake.storage_options) for place in places]
    return [sorted(table.rows(), key=str) for table in tables]


@pytest.mark.usefixtures("store")
def test_a_lake_on_a_store_is_kept_up_like_one_in_a_folder(town: Town) -> None:
    lake = Lake(f"{BUCKET}/lakes/upkeep")
    (town.files / "a.csv").unlink()
    for number in range(3):
        town.drop(f"{number}.csv", GOOD.format(day=1 + number % 2, device=number, flow=number))
        call(town, lake, "run")
    places = ("standard/traffic.counts", "quarantine/traffic.counts", "ledger/receipts", "ledger/batches")
    before = rows(lake, *places)
    leftover = lake.path("standard", "traffic.counts", "_day=2026-03-01", "left [1].parquet")
    lake.fs.pipe_file(leftover, b"half")
    lake.fs.pipe_file(lake.landing("traffic.counts", "2026-03-01", "left") + "/x.csv", b"half")
    registry = load_registry(town.root / "workspace")
    upkeep = LakeUpkeep(RunContext(registry, lake, Ledger(lake), new_run()), age=timedelta(0))
    told = list(upkeep.everything())
    assert [each.problem for each in told if each.problem] == []
    assert rows(lake, *places) == before
    options = lake.storage_options
    assert len(DeltaTable(lake.standard("traffic.counts"), storage_options=options).file_uris()) == 2
    assert not lake.fs.exists(leftover)
    assert not lake.fs.exists(lake.landing("traffic.counts", "2026-03-01", "left"))
    assert {each.subject for each in told} >= {"landing/traffic.counts", "standard/traffic.counts", "ledger/receipts"}
    assert len(lake.fs.find(lake.path("landing"))) == 3
    # The table of files is compacted last; what that leaves is deleted by the next upkeep.
    assert {each.subject for each in upkeep.everything()} <= {"ledger/files", "lake"}
    assert {each.subject for each in upkeep.everything()} <= {"lake"}
    assert call(town, lake, "run") == 0
    assert Ledger(lake).status()["marts"][0]["status"] == "unchanged"


def published(town: Town) -> Lake:
    """A lake with a mart, which the first test that needs it publishes."""
    lake = Lake(f"{BUCKET}/lakes/leases")
    if not lake.fs.exists(lake.mart("traffic")):
        assert call(town, lake, "run") == 0
    return lake


@pytest.mark.usefixtures("store")
def test_a_mart_on_a_store_has_leases_too(town: Town) -> None:
    lake = published(town)
    with open_mart(lake, "traffic") as mart:
        assert mart_leases.leased_versions(lake, "traffic") == {mart.version}
        assert mart.execute("SELECT count(*) FROM day").fetchall() == [(1,)]
    assert mart_leases.leased_versions(lake, "traffic") == set()


LEFT_OPEN = """
import sys
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import open_mart

lake = Lake(sys.argv[1])
mart = open_mart(lake, "traffic")
print(len(lake.fs.find(lake.mart("traffic") + "/leases")))
"""


@pytest.mark.usefixtures("store")
def test_a_process_that_ends_gives_its_lease_on_a_store_back(town: Town) -> None:
    lake = published(town)
    command = [sys.executable, "-c", LEFT_OPEN, lake.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)
    assert mart_leases.expired_leases(lake, "traffic") == []
    assert mart_leases.leased_versions(lake, "traffic") == set()
