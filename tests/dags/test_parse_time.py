"""Airflow parses the DAG folder again and again: two hundred contracts take less than Airflow's own import does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.schemas.read.registry import load_registry
from tests.declared import declare_packs

CONTRACTS = 200
CALLS_OF_CONTRACTS, CALLS_OF_CITY = 1.7, 2.9
"""Times the calls that importing Airflow takes: by the clock 0.8 and 1.3 of its 1.25 s, as on a quiet core.

Calls, and not seconds: they are the same on every machine, and however busy it is.
"""
CONTRACT = """
dataset: traffic.counts_{number}
title: {{zh: 流量, en: counts}}
owner: {{department: 市交通运输局}}
source: {{connector: files, path: "/data/counts_{number}.csv", format: csv}}
schedule: {{cron: "30 1 * * *", timezone: Asia/Shanghai, late_days: 3}}
fields:
  时间: {{element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}}
  设备: {{element: traffic.device_code}}
  流量: {{element: traffic.flow, required: true}}
  速度: {{element: traffic.mean_speed}}
rules:
  - {{issue: FLOW_AT_NIGHT, when: flow_veh > 900, severity: warning, text: {{zh: 流量过大, en: a very high flow}}}}
write: {{mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}}
"""
MART = """
mart: traffic_{number}
title: {{zh: 交通, en: traffic}}
audience: {{zh: 分析员, en: analysts}}
tables:
  day:
    title: {{zh: 每日流量, en: flow by day}}
    grain: [day]
    day: day
    columns:
      day: {{element: time.day}}
      flow_veh: {{element: traffic.flow}}
"""
SQL = "SELECT _day AS day, sum(flow_veh)::BIGINT AS flow_veh FROM traffic.counts_{number} GROUP BY ALL"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two hundred contracts, and a mart for every tenth of them."""
    (declare_packs(tmp_path) / "datasets").mkdir()
    for number in range(CONTRACTS):
        (tmp_path / f"datasets/{number}.yaml").write_text(CONTRACT.format(number=number), encoding="utf-8")
    for number in range(0, CONTRACTS, 10):
        folder = tmp_path / f"marts/traffic_{number}"
        folder.mkdir(parents=True)
        (folder / "mart.yaml").write_text(MART.format(number=number), encoding="utf-8")
        (folder / "day.sql").write_text(SQL.format(number=number), encoding="utf-8")
    return tmp_path


def test_the_dag_folder_keeps_to_its_calls(airflow: Any, workspace: Path) -> None:
    took = airflow.alone("parse_time.py", CITYLAKE_WORKSPACE=str(workspace))
    assert took["errors"] == {}
    assert took["dags"] == CONTRACTS + CONTRACTS // 10 + len(("marts.due", "report", "upkeep"))
    assert took["dag_folder"] < CALLS_OF_CONTRACTS * took["airflow"], took


def test_every_dag_of_the_whole_city_is_there_within_its_calls(airflow: Any) -> None:
    registry = load_registry(WHITEPAPER_WORKSPACE)
    took = airflow.alone("parse_time.py", CITYLAKE_WORKSPACE=str(WHITEPAPER_WORKSPACE))
    assert took["errors"] == {}
    declared = len(registry.contracts) + len(registry.marts) + len(registry.deliveries)
    assert took["dags"] == declared + len(("marts.due", "report", "upkeep"))
    assert took["dag_folder"] < CALLS_OF_CITY * took["airflow"], took
