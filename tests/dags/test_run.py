"""A dataset's DAG and a mart's, run from end to end over a small workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.declared import declare_packs

CONTRACT = """
dataset: traffic.counts
title: {zh: 断面流量, en: traffic counts}
owner: {department: 市交通运输局}
source: {connector: files, path: "${COUNTS}/*.csv", format: csv}
schedule: {cron: "30 1 * * *"}
fields:
  time: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, label: start, required: true}
  device: {element: traffic.device_code, required: true}
  flow: {element: traffic.flow, required: true}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
expect: {rows: {min: 2}}
"""
MART = """
mart: counts
title: {zh: 日流量, en: counts by day}
audience: {zh: 分析人员, en: analysts}
tables:
  device_day:
    title: {zh: 各断面每日流量, en: flow by device and day}
    grain: [device_code, day]
    day: day
    columns:
      device_code: {element: traffic.device_code}
      day: {element: time.day}
      flow_veh: {element: traffic.flow}
"""
DELIVERY = """
delivery: counts
title: {zh: 流量交付, en: counts}
department: 市应急管理局
mart: counts
target: {kind: folder, path: "${OUT}"}
acknowledge_within: 24h
"""
SELECT = """
SELECT device_code, _day AS day, sum(flow_veh) AS flow_veh
FROM traffic.counts
GROUP BY device_code, _day
"""
FIRST = "time,device,flow\n2026-03-01 07:00,D1,10\n2026-03-01 08:00,D1,20\n2026-03-02 07:00,D1,x\n"
LATE = "time,device,flow\n2026-02-28 23:00,D1,5\n2026-02-28 22:00,D1,6\n"
SHORT = "time,device,flow\n2026-03-03 07:00,D1,10\n"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a workspace with one dataset, one mart, and no data yet."""
    root = tmp_path_factory.mktemp("city")
    files = {"datasets/counts.yaml": CONTRACT, "marts/counts/mart.yaml": MART, "marts/counts/device_day.sql": SELECT}
    files["deliveries/counts.yaml"] = DELIVERY
    declare_packs(root / "workspace")
    for name, text in files.items():
        path = root / "workspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for folder in ("counts", "out"):
        (root / folder).mkdir()
    return {
        "CITYLAKE_WORKSPACE": str(root / "workspace"),
        "CITYLAKE_LAKE": str(root / "lake"),
        "COUNTS": str(root / "counts"),
        "OUT": str(root / "out"),
    }


@pytest.fixture(scope="module")
def runs(airflow: Any, city: dict[str, str]) -> dict[str, Any]:
    """What became of the DAGs as data came: first rows, the mart, the same again, late rows, too few rows."""
    dataset, folder = "dataset.traffic.counts", city["COUNTS"]
    steps = {
        "first": {"dag": dataset, "files": {f"{folder}/1.csv": FIRST}},
        "mart": {"dag": "mart.counts"},
        "delivered": {"dag": "deliver.counts"},
        "delivered again": {"dag": "deliver.counts"},
        "acknowledgements": {"dag": "deliveries"},
        "again": {"dag": dataset},
        "late": {"dag": dataset, "files": {f"{folder}/2.csv": LATE}},
        "short": {"dag": dataset, "files": {f"{folder}/3.csv": SHORT}},
    }
    told = airflow("run_dag.py", json.dumps(list(steps.values())), **city)
    return dict(zip(steps, told, strict=True))


def test_every_step_succeeds_and_hands_on_counts(runs: Any) -> None:
    first = runs["first"]
    assert first["state"] == "success"
    assert set(first["tasks"].values()) == {"success"}
    assert first["results"]["parse"]["rows"] == 3
    commit = first["results"]["commit"]
    assert (commit["rows_in"], commit["standard"], commit["quarantined"]) == (3, 2, 1)


def test_a_commit_tells_exactly_the_days_that_changed(runs: Any) -> None:
    assert runs["first"]["events"] == [["standard.traffic.counts", "2026-03-01"]]


def test_a_mart_is_published(runs: Any, city: dict[str, str]) -> None:
    assert runs["mart"]["tasks"] == {"build": "success"}
    (path,) = Path(city["CITYLAKE_LAKE"]).glob("marts/counts/counts-*.duckdb")
    with duckdb.connect(str(path), read_only=True) as mart:
        assert mart.sql("SELECT device_code, flow_veh FROM device_day").fetchall() == [("D1", 30)]


def test_a_publication_is_delivered_once(runs: Any, city: dict[str, str]) -> None:
    assert runs["delivered"]["tasks"] == {"deliver": "success"}
    assert runs["delivered"]["results"]["deliver"]["record"]["rows"] == 1
    assert runs["delivered again"]["tasks"] == {"deliver": "skipped"}
    (manifest,) = Path(city["OUT"]).glob("counts-*/manifest.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["department"] == "市应急管理局"
    assert runs["acknowledgements"]["state"] == "success"


def test_the_same_bytes_again_are_skipped_and_told_to_nobody(runs: Any) -> None:
    again = runs["again"]
    assert again["tasks"]["commit"] == "skipped"
    assert again["events"] == []


def test_late_rows_tell_their_own_day(runs: Any) -> None:
    assert runs["late"]["events"] == [["standard.traffic.counts", "2026-02-28"]]


def test_a_held_batch_fails_the_run_and_changes_nothing(runs: Any) -> None:
    short = runs["short"]
    assert short["state"] == "failed"
    assert short["tasks"]["commit"] == "failed"
    assert short["events"] == []


def test_nothing_that_steps_hand_on_outlives_its_run(runs: Any, city: dict[str, str]) -> None:
    assert runs["late"]["tasks"]["settle"] == "success"
    assert list(Path(city["CITYLAKE_LAKE"]).glob("handoff/**/*.json")) == []
    assert list(Path(city["CITYLAKE_LAKE"]).glob("handoff/*")) == []
