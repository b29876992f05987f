"""Cases that deliver twice or more: what the lake says after the last delivery."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.read.data_age import DataAge, dataset_ages
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.cases.conftest import FOLDER
from tests.cases.test_cases import copy_case
from tests.trial import Trial


def deliver(trial: Trial, case: Path, name: str) -> None:
    """Add a file to those that the source has, and run."""
    shutil.copyfile(case / name, Path(trial.given["IN"]) / name.replace("later", "air"))
    outcome = trial.run()
    assert [entry["status"] for entry in outcome.document["datasets"]] == ["committed"]


def start(name: str, folder: Path) -> tuple[Trial, Path]:
    """The case after its first delivery, with a source that can grow."""
    case = FOLDER / name
    if not case.is_dir():
        pytest.skip(f"no cases at {FOLDER}")
    folder.mkdir(exist_ok=True)
    shutil.copytree(case / "in", folder / "in", copy_function=shutil.copyfile)
    (folder / "in").chmod(0o755)
    trial = copy_case(case, folder)
    trial.given["IN"] = str(folder / "in")
    trial.run()
    return trial, case


def age(trial: Trial, now: datetime) -> DataAge:
    registry = load_valid_registry(trial.root / "workspace")
    (found,) = dataset_ages(RunContext(registry, trial.lake, trial.ledger, new_run(None, None), {}), now)
    return found


def test_a_stamp_in_the_future_does_not_make_data_fresh(tmp_path: Path) -> None:
    trial, case = start("time-future-stamp-freshness", tmp_path)
    assert age(trial, datetime.now(UTC)).newest == datetime.fromisoformat("2024-03-01 00:00+08:00")
    deliver(trial, case, "b.csv")
    found = age(trial, datetime.fromisoformat("2026-11-29 01:00+08:00"))
    assert found.late
    assert found.age is not None
    assert found.age.days == 1003
    checks = trial.ledger.read("checks")
    reported = checks.filter(checks["name"] == "future_times")["observed"].to_list()
    assert reported == ["1 rows, up to 2062-02-28 16:00+00:00"]


def test_a_mart_of_local_days_over_times_in_utc_is_the_same_day_by_day_as_at_once(tmp_path: Path) -> None:
    trial, case = start("time-utc-days-incremental", tmp_path / "daily")
    for name in ("later_2.csv", "later_3.csv"):
        deliver(trial, case, name)
    at_once = copy_case(case, tmp_path / "whole")
    at_once.given["IN"] = trial.given["IN"]
    at_once.run()
    days = [(row["day"].day, round(row["pm25"], 2), row["hours"]) for row in published(trial)]
    assert days == [(1, 10.0, 16), (2, 16.67, 24), (3, 26.67, 24), (4, 30.0, 8)]
    assert published(at_once) == published(trial)
    standard = trial.standard("environment.pm").sort("hour_start")
    assert (
        standard["_day"].to_list() == standard["hour_start"].dt.convert_time_zone("Asia/Shanghai").dt.date().to_list()
    )


def published(trial: Trial) -> list[dict[str, Any]]:
    return pl.read_delta(trial.lake.curated("both", "by_day")).sort("day").to_dicts()
