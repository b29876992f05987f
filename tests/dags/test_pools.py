"""The pools that the DAGs ask for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from citylake.dags.pools import spark_pool
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO


def test_every_department_has_a_pool_that_airflow_can_import() -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "CITYLAKE_WORKSPACE": str(DEMO)}
    command = [sys.executable, "-m", "citylake.dags.pools"]
    told = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout
    pools = json.loads(told)
    assert set(pools) == {contract.owner.department for contract in load_registry(DEMO).contracts.values()}
    assert all(
        pool["slots"] > 0 and set(pool) == {"slots", "description", "include_deferred"} for pool in pools.values()
    )


@pytest.mark.parametrize(
    ("engine", "remote", "pool"),
    [
        ("spark", "sc://spark.example.org:15002/;use_ssl=true;token=s3cret", "spark spark.example.org:15002"),
        ("spark", "sc://10.0.0.7", "spark 10.0.0.7"),
        ("spark", "", "spark"),
        ("auto", "sc://spark:15002", "spark spark:15002"),
        ("auto", "", None),
        ("duckdb", "sc://spark:15002", None),
    ],
)
def test_a_mart_that_may_run_on_spark_queues_for_the_endpoint(
    engine: str, remote: str, pool: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_SPARK_REMOTE", remote)
    mart = next(iter(load_registry(DEMO).marts.values()))
    name, table = next(iter(mart.tables.items()))
    changed = {**mart.tables, name: table.model_copy(update={"engine": engine})}
    assert spark_pool(mart.model_copy(update={"tables": changed})) == pool


def test_the_pool_of_the_endpoint_is_made_and_its_mart_is_in_it(airflow: Any, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(DEMO, workspace)
    file = sorted((workspace / "marts").glob("*/mart.yaml"))[0]
    text = file.read_text(encoding="utf-8")
    file.write_text(
        re.sub(r"^(    grain:)", r"    engine: spark\n\1", text, count=1, flags=re.MULTILINE), encoding="utf-8"
    )
    variables = {"CITYLAKE_WORKSPACE": str(workspace), "CITYLAKE_SPARK_REMOTE": "sc://spark:15002"}
    parsed = airflow("parse_dags.py", **variables)
    assert parsed["errors"] == {}
    pools = {name: dag["tasks"]["build"]["pool"] for name, dag in parsed["dags"].items() if name.startswith("mart.")}
    ours = f"mart.{file.parent.name}"
    assert {name for name, pool in pools.items() if pool == "spark spark:15002"} == {ours}
    assert {pool for name, pool in pools.items() if name != ours} == {"default_pool"}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "citylake.dags.pools"]
    told = subprocess.run(command, cwd=root, env={**os.environ, **variables}, capture_output=True, check=True).stdout
    assert json.loads(told)["spark spark:15002"]["slots"] == 2
