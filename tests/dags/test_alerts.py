"""A run's deadline passes: people are told from Airflow's triggerer, by connections that are Airflow's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.declared import declare_packs

CONTRACT = """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 交通局}
source: {connector: files, path: counts.csv, format: csv}
schedule: {cron: "30 1 * * *", timezone: Asia/Shanghai}
fields: {t: {element: time.observed_at, format: epoch_s}}
write: {mode: append}
expect: {freshness: 90m}
"""


@pytest.fixture
def variables(city: Any, tmp_path: Path) -> dict[str, str]:
    """Those of a workspace with one dataset, and of a robot that is one of Airflow's connections."""
    path = tmp_path / "workspace/datasets/traffic/counts.yaml"
    path.parent.mkdir(parents=True)
    declare_packs(tmp_path / "workspace")
    path.write_text(CONTRACT, encoding="utf-8")
    robot = {"conn_type": "http", "extra": {"uri": f"{city.url}/robot?key=hush-hush"}}
    return {
        "CITYLAKE_WORKSPACE": str(tmp_path / "workspace"),
        "CITYLAKE_LAKE": str(tmp_path / "lake"),
        "CITYLAKE_NOTIFY": "wecom:robot",
        "AIRFLOW_CONN_ROBOT": json.dumps(robot),
    }


@pytest.fixture
def missed(airflow: Any, city: Any, reply: Any, variables: dict[str, str]) -> Any:
    """Call with what the robot answers, the kind of run, and how often: what became of the deadline."""

    def call(answer: bytes = b'{"errcode": 0}', kind: str = "scheduled", often: int = 1, **more: str) -> Any:
        city.answer = lambda asked: reply(answer)
        return airflow("run_deadline.py", "dataset.traffic.counts", kind, str(often), **(variables | more))

    return call


def test_a_run_that_has_not_ended_is_told_with_its_state(missed: Any, city: Any) -> None:
    found = missed()
    assert found == {"after": 5400.0, "logical_date": None, "state": "success", "output": None}
    (told,) = city.asked
    assert "运行逾期：流量" in told.body["markdown"]["content"]
    assert "scheduled__1" in told.body["markdown"]["content"]
    assert "is queued" in told.body["markdown"]["content"]


def test_a_robot_that_does_not_hear_is_told_in_airflow_without_its_address(missed: Any) -> None:
    found = missed(answer=b"no")
    assert found["state"] == "failed"
    assert "wecom:robot" in found["output"]
    assert "hush-hush" not in found["output"]


def test_runs_of_a_backfill_that_wait_for_each_other_are_told_to_nobody(missed: Any, city: Any) -> None:
    assert missed(kind="backfill")["state"] == "success"
    assert city.asked == []


def test_without_a_channel_nobody_is_told(missed: Any, city: Any) -> None:
    assert missed(CITYLAKE_NOTIFY="")["state"] == "success"
    assert city.asked == []


def test_a_dataset_whose_runs_are_late_again_and_again_is_told_once_a_day(missed: Any, city: Any) -> None:
    missed(often=3)
    assert len(city.asked) == 1


def test_what_nobody_heard_is_told_with_the_next_run_that_is_late(missed: Any, city: Any) -> None:
    missed(answer=b"no", often=2)
    assert len(city.asked) == 2


def test_the_hourly_dag_tells_what_is_late_once(airflow: Any, city: Any, reply: Any, variables: dict[str, str]) -> None:
    city.answer = lambda asked: reply({"errcode": 0})
    first, again = airflow("run_dag.py", json.dumps([{"dag": "freshness"}] * 2), **variables)
    assert first["results"]["freshness"] == {"late": ["traffic.counts"], "failed": []}
    assert again["state"] == "success"
    (told,) = city.asked
    assert "尚无数据：流量" in told.body["markdown"]["content"]
