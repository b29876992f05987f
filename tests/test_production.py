"""The production guide's SQL: it runs, tells nothing where all is well, and tells of every fault that it is for."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake

from citylake.pipelines.read.ledger_sql import query_ledger
from tests.trial import Trial

PAGE = (Path(__file__).parents[1] / "docs/production.md").read_text(encoding="utf-8")
CONTRACT = {
    "dataset": "traffic.counts",
    "title": {"zh": "流量", "en": "counts"},
    "owner": {"department": "市交通运输局"},
    "zone": "Asia/Shanghai",
    "source": {"connector": "files", "path": "${WORKSPACE}/../files/*.csv", "format": "csv"},
    "fields": {
        "hour": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M"},
        "device": {"element": "traffic.device_code"},
        "flow": {"element": "traffic.flow", "required": True},
    },
    "write": {"mode": "upsert", "key": ["device_code", "hour_start"], "partition": "day(hour_start)"},
}
GOOD = "hour,device,flow\n" + "".join(f"2026-03-01 {hour:02}:00,JT0000000001,{hour}\n" for hour in range(10))


def queries(section: str) -> dict[str, str]:
    """The SQL of a section by the sentence before it."""
    text = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"\n([^\n|]+):\n\n```sql\n(.*?)```", text, re.DOTALL))


ALERTS, OTHERS = queries("What to alert on"), queries("Monitoring")


def mart(trial: Trial, check: str) -> None:
    columns = {"day": {"element": "time.day"}, "flow_veh": {"element": "traffic.flow"}}
    checks = [{"name": {"zh": "检查", "en": "check"}, "sql": check}]
    title = {"zh": "交通", "en": "traffic"}
    table = {"title": title, "grain": ["day"], "day": "day", "columns": columns, "checks": checks}
    trial.declare(
        "marts/traffic/mart", {"mart": "traffic", "title": title, "audience": title, "tables": {"day": table}}
    )
    sql = "SELECT _day AS day, sum(flow_veh)::BIGINT AS flow_veh FROM traffic.counts GROUP BY ALL"
    (trial.root / "workspace/marts/traffic/day.sql").write_text(sql, encoding="utf-8")


@pytest.fixture
def well(trial: Trial) -> Trial:
    """A lake whose every run went well."""
    trial.declare("datasets/traffic/counts", CONTRACT)
    mart(trial, "SELECT 0")
    (trial.root / "files").mkdir()
    (trial.root / "files/a.csv").write_text(GOOD, encoding="utf-8")
    assert [trial.run().exit_code for _ in range(2)] == [0, 0]
    return trial


def rows(trial: Trial, sql: str) -> list[tuple[Any, ...]]:
    return query_ledger(trial.lake, sql)[1]


def later(trial: Trial, by: timedelta) -> None:
    """Batches as if they had been taken so long ago."""
    found = trial.ledger.read("batches").with_columns(pl.col("recorded_at", "committed_at") - by)
    write_deltalake(trial.lake.ledger("batches"), found, mode="overwrite")


def faulty(trial: Trial, fault: str) -> None:
    """What is wrong in a city, as the page's sentences name it."""
    file = trial.root / "files/a.csv"
    if fault.startswith("A batch"):
        trial.declare("datasets/traffic/counts", CONTRACT | {"expect": {"rows": {"min": 100}}})
        assert trial.run().exit_code == 2
    elif fault.startswith("Datasets without"):
        later(trial, timedelta(hours=27))
    elif fault.startswith("More than 5 %"):
        file.write_text(GOOD + "2026-03-01 23:00,JT0000000001,many\n" * 9, encoding="utf-8")
        assert trial.run().exit_code == 0
    elif fault.startswith("Sources that failed"):
        file.write_text("", encoding="utf-8")
        file.unlink()
        assert [trial.run().exit_code for _ in range(3)] == [2, 2, 2]
    else:
        mart(trial, "SELECT 1")
        assert trial.run().exit_code == 2


def test_the_page_has_the_queries() -> None:
    assert (len(ALERTS), len(OTHERS)) == (5, 3)
    assert len(re.findall("```sql", PAGE)) == 8


@pytest.mark.parametrize("fault", ALERTS)
def test_an_alert_is_silent_until_there_is_something_to_tell(well: Trial, fault: str) -> None:
    assert rows(well, ALERTS[fault]) == []
    faulty(well, fault)
    assert len(rows(well, ALERTS[fault])) == 1


def test_what_was_mended_is_told_no_more(well: Trial) -> None:
    held, unpublished = (next(each for each in ALERTS if each.startswith(word)) for word in ("A batch", "Marts"))
    for fault in (held, unpublished):
        faulty(well, fault)
    well.declare("datasets/traffic/counts", CONTRACT)
    mart(well, "SELECT 0")
    well.run()
    assert [rows(well, ALERTS[fault]) for fault in (held, unpublished)] == [[], []]


@pytest.mark.parametrize("what", OTHERS)
def test_a_question_of_the_page_has_an_answer(well: Trial, what: str) -> None:
    assert rows(well, OTHERS[what])
