"""The days that departments report, in the same moment or while a mart is built, make one run of the mart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.declared import declare_packs
from tests.postgres import Postgres

CONTRACT = """
dataset: {name}
title: {{zh: 流量, en: counts}}
owner: {{department: 交通局}}
source: {{connector: files, path: "/data/*.csv", format: csv}}
fields:
  time: {{element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}}
  device: {{element: traffic.device_code}}
  flow: {{element: traffic.flow}}
write: {{mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}}
"""
MART = """
mart: both
title: {zh: 两者, en: both}
audience: {zh: 分析员, en: analysts}
tables:
  day:
    title: {zh: 每日, en: by day}
    grain: [day]
    day: day
    columns: {day: {element: time.day}, flow_veh: {element: traffic.flow}}
"""
SQL = """
SELECT _day AS day, sum(one.flow_veh + other.flow_veh)::BIGINT AS flow_veh
FROM traffic.one AS one JOIN traffic.other AS other USING (_day) GROUP BY 1
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = declare_packs(tmp_path_factory.mktemp("both") / "workspace")
    for name in ("one", "other"):
        (folder / "datasets/traffic").mkdir(parents=True, exist_ok=True)
        (folder / f"datasets/traffic/{name}.yaml").write_text(CONTRACT.format(name=f"traffic.{name}"), "utf-8")
    (folder / "marts/both").mkdir(parents=True)
    (folder / "marts/both/mart.yaml").write_text(MART, "utf-8")
    (folder / "marts/both/day.sql").write_text(SQL, "utf-8")
    return folder


def test_days_reported_at_once_or_while_a_mart_is_built_are_one_run_that_is_named_by_them(
    airflow: Any, postgres: Postgres, workspace: Path
) -> None:
    variables = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.uri.replace("postgresql://", "postgresql+psycopg2://"),
        "CITYLAKE_WORKSPACE": str(workspace),
    }
    found = airflow("commit_at_once.py", "mart.both", "standard.traffic.one", "standard.traffic.other", **variables)
    # Airflow makes a pending run for each. If a later version makes one, the listener can go.
    assert (found["without"]["committed"], found["without"]["heard"]) == (2, 2)
    assert sorted(events for _, events in found["without"]["runs"]) == [1, 1]
    assert found["with"] == {"committed": 2, "heard": 1, "runs": [["2026-03-02", 2]], "left": 0}
    gathered = found["gathered"]
    assert gathered["first"][0][0] == "2026-03-01"
    # Nothing new is made while a run works; then all days come in one run, and no event is lost.
    assert gathered["meanwhile"] == [gathered["first"], 1]
    assert gathered["then"] == [["2026-04-01..2026-05-30", 120]]
    assert gathered["after"] == []
