"""The upkeep's DAG, run from end to end over a small lake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dags.test_run import CONTRACT, FIRST, LATE
from tests.declared import declare_packs


@pytest.fixture(scope="module")
def runs(airflow: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What became of an empty lake's upkeep, and of two upkeeps after two batches."""
    root = tmp_path_factory.mktemp("city")
    contract, counts = root / "workspace" / "datasets" / "counts.yaml", root / "counts"
    contract.parent.mkdir(parents=True)
    declare_packs(root / "workspace")
    contract.write_text(CONTRACT, encoding="utf-8")
    counts.mkdir()
    dataset, upkeep = "dataset.traffic.counts", {"dag": "upkeep"}
    first = {"dag": dataset, "files": {str(counts / "1.csv"): FIRST}}
    late = {"dag": dataset, "files": {str(counts / "2.csv"): LATE}}
    places = {"CITYLAKE_WORKSPACE": str(root / "workspace"), "CITYLAKE_LAKE": str(root / "lake"), "COUNTS": str(counts)}
    told: list[Any] = airflow("run_dag.py", json.dumps([upkeep, first, late, upkeep, upkeep]), **places)
    return [*told, root / "lake"]


def test_an_empty_lake_needs_no_upkeep(runs: list[Any]) -> None:
    assert runs[0]["tasks"]["sweep"] == "success"
    assert runs[0]["results"]["tables"] == []


def test_every_table_of_the_lake_has_its_turn(runs: list[Any]) -> None:
    assert runs[3]["state"] == "success"
    places = [place for group in runs[3]["results"]["tables"] for place in group]
    assert {"standard/traffic.counts", "quarantine/traffic.counts", "ledger/batches"} <= set(places)


def test_what_was_in_small_files_is_in_large_ones(runs: list[Any]) -> None:
    from deltalake import DeltaTable

    assert len(DeltaTable(Path(runs[-1], "ledger", "batches")).file_uris()) == 1


def test_done_again_it_finds_nothing(runs: list[Any]) -> None:
    assert runs[4]["state"] == "success"
    assert (runs[4]["results"]["retain"], runs[4]["results"]["sweep"]) == ([], [])
