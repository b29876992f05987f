"""Held batches are told where CITYLAKE_NOTIFY_HELD says, once, and without stopping anything."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from citylake.pipelines.flow import scheduler_tasks
from tests.trial import Trial

COUNTS = """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 交通局}
source: {connector: files, path: "${CITY}/*.csv", format: csv}
zone: Asia/Shanghai
fields:
  time: {element: time.hour_start, format: "%Y-%m-%d %H:%M", required: true}
  device: {element: traffic.device_code, required: true}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
expect: {rows: {min: 2}, freshness: 1h}
"""
ROW = "time,device\n2026-03-01 07:00,{device}\n"


@pytest.fixture
def lake(trial: Trial, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> Trial:
    trial.declare("datasets/counts", COUNTS)
    (trial.root / "city").mkdir()
    trial.given["CITY"] = str(trial.root / "city")
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": f"{city.url}/?key=hush-hush"}))
    return trial


def drop(lake: Trial, device: str) -> int:
    (lake.root / f"city/{device}.csv").write_text(ROW.format(device=device), encoding="utf-8")
    return lake.run().exit_code


def test_nobody_is_told_unless_they_ask(lake: Trial, city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_NOTIFY", "wecom:robot")
    assert drop(lake, "D1") == 2
    assert city.asked == []


def test_a_held_batch_is_told_once_however_often_it_is_held(
    lake: Trial, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_NOTIFY_HELD", "wecom:robot@环保局 wecom:robot@交通局")
    assert [drop(lake, "D1"), lake.run().exit_code] == [2, 2]
    (told,) = city.asked
    assert "批次已挂起：流量" in told.body["markdown"]["content"]
    assert "(ROWS_TOO_FEW)" in told.body["markdown"]["content"]
    assert "D1" not in told.body["markdown"]["content"]


def test_another_batch_that_is_held_is_told_too(lake: Trial, city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_NOTIFY_HELD", "wecom:robot")
    drop(lake, "D1")
    (lake.root / "city/D1.csv").unlink()
    drop(lake, "D2")
    assert len(city.asked) == 2


def test_bytes_that_cannot_be_read_are_told_once(lake: Trial, city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_NOTIFY_HELD", "wecom:robot")
    (lake.root / "city/broken.csv").write_bytes(b"")
    assert [lake.run().exit_code, lake.run().exit_code] == [2, 2]
    assert len(city.asked) == 1


def test_tasks_of_a_scheduler_tell_it_once_too(lake: Trial, city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_NOTIFY_HELD", "wecom:robot")
    for name, path in {"CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LAKE": "lake", "CITY": "city"}.items():
        monkeypatch.setenv(name, str(lake.root / path))
    (lake.root / "city/D1.csv").write_text(ROW.format(device="D1"), encoding="utf-8")
    steps = (
        scheduler_tasks.pull_task,
        scheduler_tasks.parse_task,
        scheduler_tasks.conform_task,
        scheduler_tasks.audit_task,
        scheduler_tasks.commit_task,
    )
    for run in ("first", "second"):
        for step in (*steps, scheduler_tasks.commit_task, scheduler_tasks.settle_task):
            step("traffic.counts", run)
    assert len(city.asked) == 1


@pytest.mark.parametrize("channels", ["wecom:unset", "pigeon:ops"])
def test_who_cannot_be_told_stops_no_run_and_is_logged(
    lake: Trial, channels: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CITYLAKE_NOTIFY_HELD", channels)
    with caplog.at_level(logging.ERROR):
        assert drop(lake, "D1") == 2
    assert channels.partition(":")[2] in caplog.text
