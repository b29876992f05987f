"""How much it takes to start: calls of whole processes, as shares of what importing libraries takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main
from tests.call_count import count_calls, count_command
from tests.declared import declare_packs

ROOT = Path(__file__).parents[3]
FEW, MANY = 2, 12
CONTRACT = """
dataset: traffic.counts_{number}
title: {{zh: 流量, en: counts}}
owner: {{department: 市交通运输局}}
source: {{connector: files, path: "{folder}/counts.csv", format: csv}}
fields:
  时间: {{element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}}
  设备: {{element: traffic.device_code}}
  流量: {{element: traffic.flow, required: true}}
write: {{mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}}
"""
WATCHED = """
import importlib.metadata as metadata, json, sys
scan, callers = metadata.entry_points, []
def watched(**chosen):
    callers.append(sys._getframe(1).f_globals["__name__"])
    return scan(**chosen)
metadata.entry_points = watched
from citylake.pipelines.cli import main
main(sys.argv[1:])
print(json.dumps({"modules": sorted(sys.modules), "scans": callers}), file=sys.stderr)
"""
ROWS = "时间,设备,流量\n2026-03-01 08:00,JT0000000001,10\n"


def test_help_takes_little_more_than_the_library_that_prints_it() -> None:
    assert count_command("--help") < 5 * count_calls("import typer, inspect")


def test_help_needs_neither_declarations_nor_engines() -> None:
    script = (
        "import sys; from citylake.pipelines.cli import main; main(['--help']); "
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    heavy = {"pydantic", "yaml", "polars", "pyarrow", "duckdb", "deltalake", "sqlglot", "httpx", "jinja2"}
    heavy |= {"fsspec", "numpy", "rich", "stamina", "wasmtime"}
    assert {name for name in heavy if f"'{name}'" in done.stderr} == set()


def _workspace(folder: Path, contracts: int) -> tuple[str, ...]:
    """The options of a lake that has everything of so many datasets already."""
    datasets = folder / "workspace/datasets"
    datasets.mkdir(parents=True)
    declare_packs(folder / "workspace")
    (folder / "counts.csv").write_text(ROWS, encoding="utf-8")
    for number in range(contracts):
        (datasets / f"{number}.yaml").write_text(CONTRACT.format(number=number, folder=folder), encoding="utf-8")
    options = ("--workspace", str(folder / "workspace"), "--lake", str(folder / "lake"))
    assert main([*options, "run", "--json"]) == 0
    return options


@dataclass(frozen=True)
class Again:
    """A new process that ran once more, without marts and without news."""

    told: dict[str, Any]
    modules: frozenset[str]
    """What it had imported at its end."""
    scans: tuple[str, ...]
    """The modules that asked for the entry points of installed packages."""


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Again:
    options = _workspace(tmp_path_factory.mktemp("city"), 1)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-c", WATCHED, *options, "run", "--json"]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    seen = json.loads(done.stderr.splitlines()[-1])
    return Again(json.loads(done.stdout), frozenset(seen["modules"]), tuple(seen["scans"]))


def test_a_run_without_news_loads_no_engine_and_no_arrow(again: Again) -> None:
    heavy = {"pyarrow", "numpy", "duckdb", "httpx", "sqlalchemy", "great_expectations"}
    heavy |= {"msgspec", "pandas", "rich", "stamina", "wasmtime"}
    assert again.told["datasets"][0]["status"] == "unchanged"
    assert heavy & again.modules == set()


def test_a_run_reads_the_metadata_of_installed_packages_once(again: Again) -> None:
    # Libraries look for their own plugins too.
    assert len([name for name in again.scans if name.startswith("citylake.")]) == 1, again.scans


def test_a_dataset_without_news_costs_a_run_next_to_nothing(tmp_path: Path) -> None:
    few, many = (_workspace(tmp_path / str(count), count) for count in (FEW, MANY))
    took = [count_command(*options, "run", "--json") for options in (few, many)]
    # Two hundred of them.
    assert 200 * (took[1] - took[0]) / (MANY - FEW) < 5 * count_calls("import polars, deltalake, pydantic, sqlglot")


def test_a_run_without_marts_reads_no_sql(again: Again) -> None:
    assert again.told["datasets"][0]["status"] == "unchanged"
    assert {"sqlglot", "pyarrow.compute", "duckdb"} & again.modules == set()
