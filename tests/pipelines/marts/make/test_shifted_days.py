"""A mart's days are the workspace's, in whichever zone a dataset's days are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.make.shifted_days import overlapping_days
from tests.thorough import examples
from tests.trial import Trial

HOURS = """
dataset: air.hours
title: {zh: 小时, en: hours}
owner: {department: 环保}
source: {connector: files, path: "${IN}/*.csv", format: csv}
fields:
  station: {element: air.station_code, required: true}
  time: {element: time.hour_start, format: "%Y-%m-%dT%H:%M:%S%z", zone: ZONE, label: start, required: true}
  pm25: {element: air.pm25, unit: ug/m3}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""
MART = """
mart: days
title: {zh: 日, en: days}
audience: {zh: 人, en: people}
tables:
  by_day:
    title: {zh: 每日, en: by day}
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      hours: {text: {zh: 时, en: hours}}
      pm25: {text: {zh: 均, en: mean}}
"""
SQL = "SELECT CAST(hour_start AS DATE) AS day, count(*) AS hours, avg(pm25_ugm3) AS pm25 FROM air.hours GROUP BY 1"


def declare(trial: Trial, zone: str) -> None:
    trial.declare("datasets/air/hours", HOURS.replace("ZONE", zone))
    trial.declare("marts/days/mart", MART)
    (trial.root / "workspace/marts/days/by_day.sql").write_text(SQL, "utf-8")
    trial.given["IN"] = str(trial.root / "in")
    (trial.root / "in").mkdir()


def deliver(trial: Trial, day: int, value: int) -> None:
    first = datetime(2026, 3, day, tzinfo=UTC)
    times = (first + timedelta(hours=hour) for hour in range(24))
    rows = "".join(f"A1,{time:%Y-%m-%dT%H:%M:%SZ},{value}\n" for time in times)
    (trial.root / f"in/{day}-{value}.csv").write_text(f"station,time,pm25\n{rows}", "utf-8")
    assert trial.run().exit_code == 0


def built(trial: Trial) -> list[dict[str, Any]]:
    return pl.read_delta(trial.lake.curated("days", "by_day")).sort("day").to_dicts()


@pytest.mark.parametrize(("zone", "days"), [("UTC", "Asia/Shanghai"), ("America/New_York", "America/New_York")])
def test_what_is_built_day_by_day_equals_what_is_built_at_once(
    trial: Trial, zone: str, days: str, tmp_path: Path
) -> None:
    declare(trial, zone)
    for day, value in ((1, 10), (3, 30), (2, 20), (2, 25)):
        deliver(trial, day, value)
    rows = trial.standard("air.hours")
    assert (rows["_day"] == rows["hour_start"].dt.convert_time_zone(days).dt.date()).all()
    local = pl.col("hour_start").dt.convert_time_zone("Asia/Shanghai").dt.date().alias("day")
    whole = rows.group_by(local).agg(hours=pl.len().cast(pl.Int64), pm25=pl.col("pm25_ugm3").mean()).sort("day")
    assert built(trial) == whole.to_dicts()


def test_a_row_that_was_in_the_day_of_another_zone_leaves_it_when_it_comes_again(trial: Trial) -> None:
    """Earlier versions took the days of the zone of the texts, as a workspace in that zone still does."""
    declare(trial, "UTC")
    settings = trial.root / "workspace/workspace.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(f"{before}timezone: UTC\n", "utf-8")
    deliver(trial, 1, 10)
    assert trial.standard("air.hours")["_day"].n_unique() == 1
    settings.write_text(before, "utf-8")
    (trial.root / "in/1-10.csv").unlink()
    deliver(trial, 1, 25)
    rows = trial.standard("air.hours")
    assert rows["hour_start"].n_unique() == rows.height == 24
    assert rows["pm25_ugm3"].unique().to_list() == [25]
    assert rows.group_by("_day").len().sort("_day")["len"].to_list() == [16, 8]


@pytest.mark.parametrize("kept", ["Asia/Shanghai", "UTC"])
def test_a_file_that_is_complete_for_a_day_of_utc_replaces_no_hour_of_the_file_before(trial: Trial, kept: str) -> None:
    """``kept``: the zone of the days under which the first rows are kept; earlier versions took that of the texts."""
    declare(trial, "UTC")
    mode = "write: {mode: replace, partition: day(hour_start)}\n"
    trial.declare("datasets/air/hours", HOURS.replace("ZONE", "UTC").rpartition("write:")[0] + mode)
    settings = trial.root / "workspace/workspace.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(f"{before}timezone: {kept}\n", "utf-8")
    deliver(trial, 1, 10)
    deliver(trial, 2, 20)
    settings.write_text(before, "utf-8")
    for old in (trial.root / "in").iterdir():
        old.unlink()
    deliver(trial, 3, 30)
    deliver(trial, 1, 15)
    rows = trial.standard("air.hours")
    assert rows["hour_start"].n_unique() == rows.height == 72
    found = rows.group_by(pl.col("hour_start").dt.day()).agg(pl.col("pm25_ugm3").unique()).sort("hour_start")
    assert found.rows() == [(1, [15.0]), (2, [20.0]), (3, [30.0])]


@settings(max_examples=examples(30, 100))
@given(
    day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    zones=st.tuples(
        *[st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Madrid", "Pacific/Kiritimati", "Africa/Cairo"])] * 2
    ),
)
def test_days_overlap_if_and_only_if_they_share_an_hour(day: date, zones: tuple[str, str]) -> None:
    one, other = map(ZoneInfo, zones)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    moments = [start + timedelta(minutes=30 * step) for step in range(48 * 5)]
    shared = {at.astimezone(other).date() for at in moments if at.astimezone(one).date() == day}
    assert overlapping_days({day}, *zones) == shared
