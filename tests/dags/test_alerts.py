"""A run's deadline passes: people are told from Airflow's triggerer, by connections that are Airflow's."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

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
def missed(airflow: Any, city: Any, reply: Any, tmp_path: Path) -> Any:
    """Call with what the robot answers, and the kind of run: what became of the deadline."""
    path = tmp_path / "workspace/datasets/traffic/counts.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(CONTRACT, encoding="utf-8")
    robot = {"conn_type": "http", "extra": {"uri": f"{city.url}/robot?key=hush-hush"}}

    def call(answer: bytes = b"ok", kind: str = "scheduled", notify: str = "slack:robot") -> Any:
        city.answer = lambda asked: reply(answer)
        variables = {
            "CITYLAKE_WORKSPACE": str(tmp_path / "workspace"),
            "CITYLAKE_NOTIFY": notify,
            "AIRFLOW_CONN_ROBOT": json.dumps(robot),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/{uuid.uuid4().hex}.db",
        }
        return airflow("run_deadline.py", "dataset.traffic.counts", kind, **variables)

    return call


def test_a_run_that_has_not_ended_is_told_with_its_state(missed: Any, city: Any) -> None:
    found = missed()
    assert found == {"after": 5400.0, "logical_date": None, "state": "success", "output": None}
    (told,) = city.asked
    assert "运行超时：流量" in told.body["text"]
    assert "scheduled__1" in told.body["text"]
    assert "is queued" in told.body["text"]


def test_a_robot_that_does_not_hear_is_told_in_airflow_without_its_address(missed: Any) -> None:
    found = missed(answer=b"no")
    assert found["state"] == "failed"
    assert "slack:robot" in found["output"]
    assert "hush-hush" not in found["output"]


def test_runs_of_a_backfill_that_wait_for_each_other_are_told_to_nobody(missed: Any, city: Any) -> None:
    assert missed(kind="backfill")["state"] == "success"
    assert city.asked == []


def test_without_a_channel_nobody_is_told(missed: Any, city: Any) -> None:
    assert missed(notify="")["state"] == "success"
    assert city.asked == []
