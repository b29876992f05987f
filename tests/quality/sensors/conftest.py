"""Series of sensors without a fault, and the tests with their defaults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from citylake.quality.sensors.find_faults import find_faults
from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH
from citylake.schemas.model.sensor_rules import SensorTests
from citylake.schemas.read.sensor_series_plan import SeriesPlan

START = datetime(2026, 3, 1, tzinfo=UTC)
VALUES = ("pm25", "no2")


def clean_series(sensors: int = 8, hours: int = 24 * 7) -> pl.DataFrame:
    """Hourly readings with a daily course and noise that no seed decides: sensor, at, pm25, no2, all of the batch."""
    rows = []
    for sensor in range(sensors):
        for hour in range(hours):
            noise = (sensor * 7_919 + hour * 104_729) % 997 / 99.7
            course = 10 * abs(12 - hour % 24) / 12
            rows.append(
                (sensor, START + timedelta(hours=hour), 30 + course + noise, 50 + 2 * course + (noise * 7) % 10)
            )
    kinds = {ENTITY: pl.UInt32(), AT: pl.Datetime("us", "UTC"), "pm25": pl.Float64(), "no2": pl.Float64()}
    return pl.DataFrame(rows, kinds, orient="row").with_columns(pl.lit(value=True).alias(FRESH))


def written(rows: pl.DataFrame, sensor: int, first: int, last: int, **values: float | None) -> pl.DataFrame:
    """The series with values of one sensor overwritten, from hour ``first`` to ``last`` (included)."""
    at = pl.col(AT).is_between(START + timedelta(hours=first), START + timedelta(hours=last))
    chosen = (pl.col(ENTITY) == sensor) & at
    return rows.with_columns(
        pl.when(chosen).then(pl.lit(value, pl.Float64)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def judged(rows: pl.DataFrame, places: pl.DataFrame | None = None, at_once: int = 10**9, **plan: Any) -> pl.DataFrame:
    """The spans that the tests find."""
    settings: dict[str, Any] = {"values": VALUES, "tests": SensorTests(), "history": "28d", "keyed": True}
    return find_faults(rows.lazy(), SeriesPlan(("sensor",), "at", **{**settings, **plan}), places, at_once)


def spans(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The spans as (code, sensor, column, first hour, last hour, readings)."""
    hours = [((pl.col(name) - START).dt.total_hours()).alias(name) for name in ("first_at", "last_at")]
    return found.with_columns(hours).select("code", ENTITY, "column", "first_at", "last_at", "readings").rows()


@pytest.fixture(scope="session")
def clean() -> pl.DataFrame:
    return clean_series()


@pytest.fixture
def judge() -> Callable[..., list[tuple[Any, ...]]]:
    return lambda rows, **more: spans(judged(rows, **more))
