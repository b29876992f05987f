"""A department is late: the mart's DAG waits for it, and is told when it has waited enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.declared import declare_packs

COUNTS = """
dataset: traffic.{name}
title: {{zh: 流量, en: counts}}
owner: {{department: {owner}}}
source: {{connector: files, path: "${{CITY}}/{name}*.csv", format: csv}}
schedule: {{cron: "30 1 * * *"}}
fields:
  time: {{element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, label: start, required: true}}
  flow: {{element: traffic.flow, required: true}}
write: {{mode: upsert, key: [hour_start], partition: day(hour_start)}}
"""
MART = """
mart: {name}
title: {{zh: 日流量, en: counts by day}}
audience: {{zh: 分析人员, en: analysts}}
wait: {wait}
tables:
  by_day:
    title: {{zh: 每日流量, en: flow by day}}
    grain: [day]
    day: day
    columns:
      day: {{element: time.day}}
      flow_veh: {{element: traffic.flow}}
"""
SELECT = """
SELECT _day AS day, sum(flow_veh) AS flow_veh FROM (FROM traffic.cars UNION ALL FROM traffic.buses) GROUP BY 1
"""
CARS = "time,flow\n2026-03-01 07:00,10\n2026-03-02 07:00,20\n"
BUSES = "time,flow\n2026-03-01 07:00,1\n"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("late")
    declare_packs(root / "workspace")
    for name, owner in (("cars", "交通局"), ("buses", "公交公司")):
        path = root / f"workspace/datasets/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(COUNTS.format(name=name, owner=owner), encoding="utf-8")
    for name, wait in (("patient", "36h"), ("brisk", "1ms")):
        folder = root / f"workspace/marts/{name}"
        folder.mkdir(parents=True)
        (folder / "mart.yaml").write_text(MART.format(name=name, wait=wait), encoding="utf-8")
        (folder / "by_day.sql").write_text(SELECT, encoding="utf-8")
    (root / "files").mkdir()
    return {
        "CITYLAKE_WORKSPACE": str(root / "workspace"),
        "CITYLAKE_LAKE": str(root / "lake"),
        "CITY": str(root / "files"),
    }


@pytest.fixture(scope="module")
def runs(airflow: Any, city: dict[str, str]) -> dict[str, Any]:
    steps = {
        "cars": {"dag": "dataset.traffic.cars", "files": {f"{city['CITY']}/cars1.csv": CARS}},
        "too early": {"dag": "mart.patient"},
        "due": {"dag": "marts.due"},
        "buses": {"dag": "dataset.traffic.buses", "files": {f"{city['CITY']}/buses1.csv": BUSES}},
        "patient": {"dag": "mart.patient"},
        "brisk": {"dag": "mart.brisk"},
    }
    told = airflow("run_dag.py", json.dumps(list(steps.values())), **city)
    return dict(zip(steps, told, strict=True))


def days_of(city: dict[str, str], mart: str) -> list[tuple[Any, ...]]:
    (path,) = Path(city["CITYLAKE_LAKE"]).glob(f"marts/{mart}/{mart}-*.duckdb")
    with duckdb.connect(str(path), read_only=True) as connection:
        days = connection.sql("SELECT day::VARCHAR, flow_veh FROM by_day ORDER BY 1").fetchall()
        return [*days, *connection.sql("SELECT department, day_from::VARCHAR FROM _incomplete").fetchall()]


def test_a_mart_without_a_complete_day_is_skipped(runs: Any) -> None:
    assert runs["too early"]["tasks"] == {"build": "skipped"}
    assert runs["too early"]["events"] == []


def test_a_mart_is_told_the_days_that_have_waited_enough(runs: Any) -> None:
    assert runs["due"]["tasks"] == {"due_brisk": "success", "due_patient": "skipped"}
    assert sorted(runs["due"]["events"]) == [["due.brisk", "2026-03-01"], ["due.brisk", "2026-03-02"]]


def test_a_mart_is_built_for_the_days_that_every_department_has_given(runs: Any, city: dict[str, str]) -> None:
    # Made for the first time, the mart tells no days but that on which it was.
    assert [name for name, _ in runs["patient"]["events"]] == ["mart.patient"]
    assert days_of(city, "patient") == [("2026-03-01", 11)]


def test_after_the_wait_it_is_built_and_names_who_is_missing(runs: Any, city: dict[str, str]) -> None:
    assert sorted(days_of(city, "brisk")) == [("2026-03-01", 11), ("2026-03-02", 20), ("公交公司", "2026-03-02")]
    told = runs["brisk"]["results"]["build"]["told"]
    assert "公交公司" in told["zh"][0]
    assert "traffic.buses" in told["en"][0]
