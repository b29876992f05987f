"""Leases that overlap, end to end: the check names those that were planted, and one that a later delivery brings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.assets import leases
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.conductor import ingest_dataset
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.registry import load_registry

DATASET = "assets.asset_leases"
CITY = City()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("leases")
    (folder / "files/assets").mkdir(parents=True)
    leases.write_lease_files(leases.generate_leases(CITY), folder)
    lake = Lake(str(folder / "lake"))
    run(lake, folder)
    rows = [",".join(leases.LEASE_HEADER), "ZLNEW01,EV-X,灯会,2026-03-01,2026-03-02,,1.00"]
    taken = standard(lake).row(0, named=True)
    rows.append(f"ZLNEW02,{taken['asset_code']},灯会,{taken['leased_to']},{taken['leased_to']},,1.00")
    (folder / "files/assets/leases_new.csv").write_bytes("\r\n".join(rows).encode("gb18030"))
    run(lake, folder)
    return lake


def run(lake: Lake, folder: Path) -> None:
    registry, this = load_registry(WHITEPAPER_WORKSPACE), new_run()
    variables = run_variables(registry, this, {"CITY_FILES": str(folder / "files"), "CITY_URL": "http://localhost"})
    ledger = Ledger(lake)
    batches = ingest_dataset(RunContext(registry, lake, ledger, this, variables), registry.contracts[DATASET])
    ledger.flush()
    assert "committed" in [batch.status for batch in batches]


def standard(lake: Lake) -> pl.DataFrame:
    return pl.read_delta(lake.standard(DATASET)).filter(~pl.col("lease_no").str.starts_with("ZLX")).sort("lease_no")


def checks(lake: Lake) -> list[dict[str, Any]]:
    found = Ledger(lake).read("checks").filter(pl.col("name").str.starts_with("intervals."))
    return found.sort("sequence").to_dicts() if "sequence" in found.columns else found.to_dicts()


def test_the_planted_leases_are_named_as_a_warning(lake: Lake) -> None:
    check = checks(lake)[0]
    assert (check["passed"], check["severity"], check["dimension"]) == (False, "warning", "consistency")
    assert check["observed"].startswith("14 overlapping: ")
    assert re.findall(r"ZLX\d{3}", check["observed"]) == [f"ZLX{number:03}" for number in range(1, 6)]


def test_a_later_delivery_is_compared_with_what_the_table_has(lake: Lake) -> None:
    check, taken = checks(lake)[1], standard(lake).row(0, named=True)
    assert check["observed"].startswith(f"1 overlapping: ZLNEW02 ({taken['leased_to']} … {taken['leased_to']}) / ")
    assert taken["lease_no"] in check["observed"]
    assert "ZLNEW01" not in check["observed"]
