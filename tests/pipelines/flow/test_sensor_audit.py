"""The sensor tests in a run: findings in the ledger, the history of the table, holds, and what is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.flow import sensor_audit
from citylake.pipelines.read.sensor_findings import current_findings
from tests.trial import Trial

NAME = "air.hourly"
START = datetime(2026, 3, 1, tzinfo=UTC)
CONTRACT = """
dataset: air.hourly
title: {zh: 时, en: hourly}
owner: {department: bureau}
source: {connector: files, path: "${IN}/*.csv", format: csv}
fields:
  st: {element: air.station_code, required: true}
  t: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: UTC, required: true}
  pm25: {element: air.pm25, unit: ug/m3}
  pm10: {element: air.pm10, unit: ug/m3}
  no2: {element: air.no2, unit: ug/m3}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""
Reading = tuple[float | str, float | str, float | str]
Change = Callable[[str, int], Reading | None]


def usual(station: int, hour: int) -> Reading:
    noise = (station * 7_919 + hour * 104_729) % 997 / 99.7
    course = 10 * abs(12 - hour % 24) / 12
    return 30 + course + noise, 70 + 2 * course + noise, 40 + course + (noise * 7) % 10


def deliver(trial: Trial, name: str, first: int, last: int, change: Change = lambda *_: None) -> None:
    """A file with the hours from ``first`` up to ``last`` of eight stations."""
    lines = ["st,t,pm25,pm10,no2"]
    for station in range(8):
        for hour in range(first, last):
            at = START + timedelta(hours=hour)
            values = change(f"S{station}", hour) or usual(station, hour)
            lines.append(f"S{station},{at:%Y-%m-%d %H:%M}," + ",".join(str(value) for value in values))
    (trial.root / "in" / name).write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def station_trial(trial: Trial) -> Trial:
    (trial.root / "in").mkdir()
    trial.given["IN"] = str(trial.root / "in")
    trial.declare("datasets/air/hourly", CONTRACT)
    return trial


def found(trial: Trial) -> list[tuple[Any, ...]]:
    """Code, sensor, column, first and last hour, readings."""
    rows = current_findings(trial.ledger, [NAME])
    hours = [(pl.col(name) - START).dt.total_hours().alias(name) for name in ("first_at", "last_at")]
    return rows.with_columns(hours).select("code", "entity", "column_name", "first_at", "last_at", "readings").rows()


def checks(trial: Trial) -> dict[str, bool]:
    rows = trial.ledger.read("checks").select("name", "passed").iter_rows()
    return {name: passed for name, passed in rows if name.startswith("sensors")}


def test_zeros_for_missing_are_found_without_a_word_in_the_contract(station_trial: Trial) -> None:
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (0, 0, 0) if name == "S3" and 40 <= hour < 44 else None)
    outcome = station_trial.run()
    assert station_trial.dataset(outcome, NAME)["status"] == "committed"
    assert found(station_trial) == [("ZERO_FOR_MISSING", "S3", "*", 40, 43, 4)]
    assert checks(station_trial) == {
        "sensors.stuck": True,
        "sensors.jump": True,
        "sensors.zero": False,
        "sensors.silent": True,
        "sensors.pairs": True,
        "sensors.siblings": True,
    }


def test_a_fault_over_two_batches_is_one_span_and_history_says_what_is_usual(station_trial: Trial) -> None:
    stuck: Change = lambda name, hour: (33.3, 75.5, 44.4) if name == "S5" and 90 <= hour < 110 else None  # noqa: E731
    deliver(station_trial, "a.csv", 0, 96, stuck)
    station_trial.run()
    deliver(station_trial, "b.csv", 96, 120, stuck)
    station_trial.run()
    wanted = [("SENSOR_STUCK", "S5", column, 90, 109, 20) for column in ("no2_ugm3", "pm10_ugm3", "pm25_ugm3")]
    assert sorted(found(station_trial)) == wanted


def test_a_contract_may_hold_a_batch_for_a_finding(station_trial: Trial) -> None:
    station_trial.declare("datasets/air/hourly", CONTRACT + "sensors: {tests: {zero: {severity: error}}}\n")
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (0, 0, 0) if name == "S3" and 40 <= hour < 44 else None)
    outcome = station_trial.run()
    assert station_trial.dataset(outcome, NAME)["status"] == "held"
    assert found(station_trial) == [("ZERO_FOR_MISSING", "S3", "*", 40, 43, 4)]


def test_the_pairs_of_the_pack_hold_for_every_dataset_that_has_both_elements(station_trial: Trial) -> None:
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (95, 60, 45) if name == "S2" and hour == 50 else None)
    station_trial.run()
    assert ("PAIR_IMPOSSIBLE", "S2", "pm25_ugm3+pm10_ugm3", 50, 50, 1) in found(station_trial)


def test_a_batch_that_is_read_again_replaces_its_findings(station_trial: Trial) -> None:
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (0, 0, 0) if name == "S3" and 40 <= hour < 44 else None)
    station_trial.run()
    assert len(found(station_trial)) == 1
    refused = "rules:\n  - {issue: ALL_ZERO, when: pm25_ugm3 = 0 AND pm10_ugm3 = 0, text: {zh: 零, en: zeros}}\n"
    station_trial.declare("datasets/air/hourly", CONTRACT + refused)
    station_trial.replay(NAME)
    assert [row for row in found(station_trial) if row[0] == "ZERO_FOR_MISSING"] == []


def test_a_table_file_that_is_lost_leaves_the_batch_unjudged_and_committed(station_trial: Trial) -> None:
    deliver(station_trial, "a.csv", 0, 72)
    station_trial.run()
    for file in Path(station_trial.lake.standard(NAME)).rglob("_day=2026-03-02/*.parquet"):
        file.unlink()
    deliver(station_trial, "b.csv", 72, 96)
    entry = station_trial.dataset(station_trial.run(), NAME)
    assert entry["status"] == "committed"
    assert [problem["code"] for problem in entry["problems"]] == ["SENSORS_NOT_JUDGED"]
    assert checks(station_trial)["sensors"] is False


def test_the_last_audit_of_a_batch_counts_also_if_it_finds_nothing(station_trial: Trial) -> None:
    station_trial.declare("datasets/air/hourly", CONTRACT + "sensors: {tests: {pairs: {severity: error}}}\n")
    station_trial.declare("pairs/local", "- {lesser: air.no2, greater: air.pm25}\n")
    deliver(station_trial, "a.csv", 0, 72)
    for _ in range(2):
        assert station_trial.dataset(station_trial.run(), NAME)["status"] == "held"
        assert {row[:3] for row in found(station_trial)} == {
            ("PAIR_IMPOSSIBLE", f"S{station}", "no2_ugm3+pm25_ugm3") for station in range(8)
        }
    station_trial.declare("pairs/local", "[]\n")
    assert station_trial.dataset(station_trial.run(), NAME)["status"] == "committed"
    (batch,) = station_trial.ledger.committed_batches(NAME)["batch"]
    assert set(station_trial.ledger.read("sensor_findings")["batch"]) == {batch}
    assert found(station_trial) == []


@pytest.mark.parametrize(("declared", "judged"), [("", False), ("sensors: {}\n", True)])
def test_a_very_large_batch_is_judged_only_if_the_contract_declares_sensors(
    station_trial: Trial, monkeypatch: pytest.MonkeyPatch, declared: str, judged: bool
) -> None:
    monkeypatch.setattr(sensor_audit, "ROWS_UNDECLARED", 500)
    station_trial.declare("datasets/air/hourly", CONTRACT + declared)
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (0, 0, 0) if name == "S3" and 40 <= hour < 44 else None)
    entry = station_trial.dataset(station_trial.run(), NAME)
    assert entry["status"] == "committed"
    assert bool(found(station_trial)) == judged
    if not judged:
        assert checks(station_trial) == {"sensors": True}
        (notice,) = entry["problems"]
        assert notice["code"] == "SENSORS_TOO_MANY_ROWS"
        assert "576" in str(notice)


@pytest.mark.parametrize(
    "text",
    [
        CONTRACT + "sensors: false\n",
        CONTRACT.replace("key: [station_code, hour_start]", "key: [station_code, pm25_ugm3]"),
    ],
)
def test_what_is_no_series_has_no_sensor_check(station_trial: Trial, text: str) -> None:
    station_trial.declare("datasets/air/hourly", text)
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (0, 0, 0) if name == "S3" and 40 <= hour < 44 else None)
    station_trial.run()
    assert checks(station_trial) == {}
    assert found(station_trial) == []


def test_the_command_lists_the_findings(
    station_trial: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(station_trial, "a.csv", 0, 72, lambda name, hour: (0, 0, 0) if name == "S3" and 40 <= hour < 44 else None)
    station_trial.run()
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    lake = ["--lake", str(station_trial.root / "lake"), "sensors"]
    assert main([*lake, "--dataset", NAME]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "missing written as 0 (ZERO_FOR_MISSING): 1 sensors, 1 spans, 4 readings" in shown
    assert main([*lake, "--code", "SENSOR_STUCK", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"total": 0, "findings": []}
    assert main([*lake, "--json"]) == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["entity"], finding["readings"], finding["hours"]) == ("S3", 4, 3.0)
