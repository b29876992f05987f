"""The DAG folder, parsed as Airflow parses it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO, declare_packs

DAGS = Path(__file__).parents[2] / "dags"

HEAVY = {"polars", "duckdb", "pyarrow", "pandas", "deltalake", "great_expectations"}
STEPS = ["pull", "parse", "conform", "audit", "commit"]


@pytest.fixture(scope="module")
def parsed(airflow: Any) -> Any:
    return airflow.alone("parse_dags.py")


@pytest.fixture(scope="module")
def dags(parsed: Any) -> Any:
    found = parsed["dags"]
    assert found, "no DAG was parsed: a loop over them would pass"
    assert all(dag["tasks"] for dag in found.values())
    return found


def demo_contracts() -> list[Contract]:
    found = list(load_registry(DEMO).contracts.values())
    assert found, "no contract was read: a loop over them would pass"
    return found


def test_every_file_parses(parsed: Any) -> None:
    assert parsed["errors"] == {}


def test_parsing_imports_nothing_heavy(parsed: Any) -> None:
    assert "airflow" in parsed["imported"]
    assert HEAVY & set(parsed["imported"]) == set()


def test_the_pages_are_not_taken_for_dags(parsed: Any) -> None:
    assert parsed["files"] == [
        str(DAGS / f"{name}.py")
        for name in (
            "dataset_dags",
            "delivery_dags",
            "faulty_declarations",
            "freshness_dag",
            "mart_dags",
            "report_dag",
            "upkeep_dag",
        )
    ]


def test_there_is_one_dag_a_dataset_and_one_a_mart(dags: Any) -> None:
    registry = load_registry(DEMO)
    wanted = {f"dataset.{name}" for name in registry.contracts} | {f"mart.{name}" for name in registry.marts}
    assert set(dags) == wanted | {"marts.due", "report", "upkeep"}


def test_the_process_of_a_task_makes_its_own_dag_alone(airflow: Any) -> None:
    """Each task parses its file anew: a night's tasks would otherwise make every DAG as often as there are tasks."""
    asked = {
        "dataset.traffic.detector_flow": "dataset_dags.py",
        "mart.city_day": "mart_dags.py",
        "marts.due": "mart_dags.py",
    }
    made = airflow("parse_for_task.py", *(f"{file}={dag_id}" for dag_id, file in asked.items()))
    assert made == {dag_id: [dag_id] for dag_id in asked}


def test_the_lake_is_kept_up_once_a_day_by_the_workspaces_clock(dags: Any) -> None:
    settings, dag = load_registry(DEMO).workspace.settings, dags["upkeep"]
    assert (dag["schedule"], dag["cron"]) == ("CronTriggerTimetable", settings.upkeep.cron)
    assert dag["timezone"] == settings.timezone
    assert {task: told["after"] for task, told in dag["tasks"].items()} == {
        "tables": [],
        "compact": ["tables"],
        "retain": [],
        "verify": [],
        "digest": [],
        "sweep": [],
    }
    assert {task["owner"] for task in dag["tasks"].values()} == {"citylake"}


def test_a_dataset_has_one_task_a_step_in_order(dags: Any) -> None:
    tasks = dags["dataset.traffic.detector_flow"]["tasks"]
    assert {task: tasks[task]["after"] for task in STEPS} == {
        task: [before] if before else [] for before, task in zip(["", *STEPS], STEPS, strict=False)
    }


def test_a_dataset_runs_when_its_contract_says(dags: Any) -> None:
    for contract in demo_contracts():
        dag = dags[f"dataset.{contract.dataset}"]
        assert contract.schedule
        assert (dag["schedule"], dag["cron"]) == ("LocalPartitionTimetable", contract.schedule.cron)
        assert dag["timezone"] == contract.schedule.timezone


def test_only_a_commit_changes_the_standard_table(dags: Any) -> None:
    for contract in demo_contracts():
        tasks = dags[f"dataset.{contract.dataset}"]["tasks"]
        changing = {name: task["outlets"] for name, task in tasks.items() if task["outlets"]}
        assert changing == {"commit": [f"standard.{contract.dataset}"]}


def test_every_task_of_a_dataset_is_its_departments(dags: Any) -> None:
    for contract in demo_contracts():
        for task in dags[f"dataset.{contract.dataset}"]["tasks"].values():
            assert task["owner"] == contract.owner.department


def test_only_what_asks_a_department_counts_against_its_pool(dags: Any) -> None:
    for contract in demo_contracts():
        pools = {name: task["pool"] for name, task in dags[f"dataset.{contract.dataset}"]["tasks"].items()}
        assert pools.pop("pull") == contract.owner.department
        assert set(pools.values()) == {"default_pool"}


def test_a_standard_table_tells_its_owner_and_the_element_behind_each_column(dags: Any) -> None:
    (told,) = dags["dataset.traffic.detector_flow"]["tasks"]["commit"]["told"]
    assert (told["group"], told["owner"]) == ("standard", "市交通运输局")
    assert told["elements"]["mean_speed_kmh"] == "traffic.mean_speed"


def test_a_run_stands_for_a_day_or_for_a_tick_where_there_are_several_a_day(dags: Any) -> None:
    for contract in demo_contracts():
        assert contract.schedule
        once = re.match(r"\d+ \d+ ", contract.schedule.cron)
        assert dags[f"dataset.{contract.dataset}"]["key"] == ("%Y-%m-%d" if once else "%Y-%m-%dT%H:%M")


def test_sources_are_asked_again_at_growing_intervals(dags: Any) -> None:
    for dag in dags.values():
        assert all(task["retries"] >= 3 and task["backoff"] > 1 for task in dag["tasks"].values())


def test_one_table_has_one_writer_at_a_time(dags: Any) -> None:
    assert {dag["active_runs"] for dag in dags.values()} == {1}


def test_a_mart_waits_for_the_datasets_that_its_sql_reads(dags: Any) -> None:
    mart = dags["mart.city_day"]
    assert mart["schedule"] == "PartitionedAssetTimetable"
    assert {"standard.environment.air_hourly", "standard.traffic.detector_flow"} <= set(mart["assets"])
    assert "standard.traffic.bus_positions" not in mart["assets"]
    assert "due.city_day" in mart["assets"]


def test_a_run_may_take_as_long_as_its_data_may_be_old(airflow: Any, tmp_path: Path) -> None:
    contract = GAUGE + 'schedule: {cron: "5 * * * *"}\nexpect: {freshness: 90m}\n'
    dags = airflow("parse_dags.py", CITYLAKE_WORKSPACE=_workspace(tmp_path, contract))["dags"]
    ((seconds, path, told),) = dags["dataset.water.gauge"]["deadlines"]
    assert (seconds, path, told["zone"]) == (5400.0, "citylake.dags.alerts.run_late", "Asia/Shanghai")
    assert told["about"]["dataset"] == "water.gauge"
    assert dags["freshness"]["cron"] == "17 * * * *"


def test_notes_are_in_both_languages(dags: Any) -> None:
    note = dags["dataset.traffic.detector_flow"]["note"]
    assert "交通检测器小时流量" in note
    assert "hourly detector flow" in note
    assert "| `mean_speed_kmh` |" in note
    assert "traffic.detector_flow" in dags["mart.city_day"]["note"]


def test_every_task_says_what_it_does_with_this_dataset(dags: Any) -> None:
    tasks = dags["dataset.traffic.detector_flow"]["tasks"]
    assert "主键 device_code, lane_no, vehicle_class, hour_start" in tasks["commit"]["note"]
    assert "connector files" in tasks["pull"]["note"]
    assert all(task["note"].count("\n\n") == 1 for task in tasks.values())
    assert "the city by day" in dags["mart.city_day"]["tasks"]["build"]["note"]


def test_tags_find_a_departments_dags(dags: Any) -> None:
    assert dags["dataset.traffic.detector_flow"]["tags"] == ["dataset", "traffic", "市交通运输局"]


GAUGE = """
dataset: water.gauge
title: {zh: 水位, en: water level}
owner: {department: Water Office}
source: {connector: files, path: gauge.csv, format: csv}
fields: {t: {element: time.observed_at, format: epoch_s}}
write: {mode: append}
"""


def _workspace(root: Path, contract: str) -> str:
    (declare_packs(root) / "datasets").mkdir()
    (root / "datasets" / "gauge.yaml").write_text(contract, encoding="utf-8")
    return str(root)


def test_another_workspace_makes_its_own_dags(airflow: Any, tmp_path: Path) -> None:
    parsed = airflow("parse_dags.py", CITYLAKE_WORKSPACE=_workspace(tmp_path, GAUGE))
    assert parsed["errors"] == {}
    assert {name: dag["schedule"] for name, dag in parsed["dags"].items()} == {
        "dataset.water.gauge": "PartitionedAtRuntime",
        "report": "CronTriggerTimetable",
        "upkeep": "CronTriggerTimetable",
    }


def test_a_faulty_declaration_is_an_import_error_that_names_its_line(airflow: Any, tmp_path: Path) -> None:
    faulty = GAUGE.replace("time.observed_at", "time.observed")
    parsed = airflow("parse_dags.py", CITYLAKE_WORKSPACE=_workspace(tmp_path, faulty))
    assert parsed["dags"] == {}
    assert len(parsed["errors"]) == 7
    assert all("gauge.yaml:6" in error and "time.observed_at" in error for error in parsed["errors"].values())


MART = """
mart: month
title: {zh: 月, en: month}
audience: {zh: 人, en: people}
partition: month
tables:
  by_month:
    title: {zh: 月, en: month}
    grain: [month]
    columns: {month: {text: {zh: 月, en: month}}}
"""


def test_a_mart_by_month_runs_for_the_months_of_days(airflow: Any, tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, GAUGE)
    folder = tmp_path / "marts/month"
    folder.mkdir(parents=True)
    (folder / "mart.yaml").write_text(MART, encoding="utf-8")
    (folder / "by_month.sql").write_text("SELECT DISTINCT strftime(observed_at, '%Y-%m') AS month FROM water.gauge")
    parsed = airflow("parse_dags.py", CITYLAKE_WORKSPACE=workspace)
    assert parsed["errors"] == {}
    assert parsed["dags"]["mart.month"]["mapper"] == "GatheredDays"


def test_the_dags_need_nothing_of_airflow_but_the_task_sdk() -> None:
    """So that a task runs where Airflow's database is out of reach; its providers keep to the same."""
    paths = sorted(DAGS.glob("*.py"))
    assert DAGS / "airflow_tasks.py" in paths
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        ours = [name for name in names if name.split(".")[0] == "airflow"]
        beyond = [name for name in ours if not name.startswith(("airflow.sdk", "airflow.providers."))]
        assert beyond == [], path
