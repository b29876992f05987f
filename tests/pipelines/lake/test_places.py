"""A lake may lie in any folder that people have."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.read.mart_reader import query_mart
from tests.declared import DEMO, declare_packs
from tests.object_store import BUCKET, serving
from tests.trial import Trial

COUNTS = """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 交通局}
source: {connector: files, path: "${CITY}/*.csv", format: csv}
fields:
  time: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, required: true}
  flow: {element: traffic.flow, required: true}
write: {mode: upsert, key: [hour_start], partition: day(hour_start)}
"""
MART = """
mart: counts
title: {zh: 日流量, en: counts by day}
audience: {zh: 分析人员, en: analysts}
tables:
  by_day:
    title: {zh: 每日流量, en: flow by day}
    grain: [day]
    day: day
    columns: {day: {element: time.day}, flow_veh: {element: traffic.flow}}
"""
SELECT = "SELECT _day AS day, sum(flow_veh) AS flow_veh FROM traffic.counts GROUP BY 1"


@pytest.mark.parametrize("name", ["数据 湖", "a b+c", "湖#1&2"])
def test_every_step_works_whatever_the_folder_is_called(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / name
    trial = Trial(root, {"CITY": str(root / "city")})
    declare_packs(root / "workspace")
    trial.declare("datasets/counts", COUNTS)
    trial.declare("marts/counts/mart", MART)
    (root / "workspace/marts/counts/by_day.sql").write_text(SELECT, encoding="utf-8")
    (root / "city").mkdir()
    for number, rows in enumerate(("2026-03-01 07:00,1\n2026-03-01 08:00,x\n", "2026-03-01 07:00,5\n")):
        (root / f"city/{number}.csv").write_text(f"time,flow\n{rows}", encoding="utf-8")
        assert trial.run().exit_code == 0
    assert query_mart(trial.lake, "counts", "FROM by_day")[1] == [(date(2026, 3, 1), 5)]
    monkeypatch.setenv("CITYLAKE_WORKSPACE", str(root / "workspace"))
    monkeypatch.setenv("CITYLAKE_LAKE", str(root / "lake"))
    for command in ("status", "quarantine list --dataset traffic.counts", "freshness", "upkeep"):
        assert main([*command.split(), "--json"]) == 0, command
    assert json.loads(capsys.readouterr().out.split("\n}\n")[1] + "}")["total"] == 1
    assert main(["backup", str(tmp_path / f"{name} backup")]) == 0


def test_a_percent_sign_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--workspace", str(DEMO), "--lake", str(tmp_path / "100%25"), "run"]) == 1
    assert "100%25" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_url_without_a_bucket_is_refused_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("status", "run"):
        assert main(["--workspace", str(DEMO), "--lake", "s3://", command, "--json"]) == 1
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["code"] == "LAKE_UNUSABLE"
        assert "s3:// cannot be used: the URL names no bucket" in error["text"]["en"]


def test_the_same_holds_for_a_prefix_in_an_object_store(
    trial: Trial, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("s3fs", reason="the extra connectors is not installed")
    trial.declare("datasets/counts", COUNTS)
    (tmp_path / "city").mkdir()
    (tmp_path / "city/1.csv").write_text("time,flow\n2026-03-01 07:00,1\n2026-03-01 08:00,x\n", encoding="utf-8")
    with serving() as url:
        settings = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL_S3": url}
        settings |= {"CITYLAKE_WORKSPACE": str(tmp_path / "workspace"), "CITY": str(tmp_path / "city")}
        for key, value in (settings | {"CITYLAKE_LAKE": f"{BUCKET}/数据 湖"}).items():
            monkeypatch.setenv(key, value)
        assert [main(["run", "--json"]), main(["run", "--json"])] == [0, 0]
        capsys.readouterr()
        assert main(["quarantine", "list", "--dataset", "traffic.counts", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 1
