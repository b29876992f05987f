"""SENSOR_SILENT: one among many sensors has no readings while the others have."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH, previous, shape_spans
from citylake.schemas.model.sensor_rules import SilentTest

CODE = "SENSOR_SILENT"
SLOT = "1h"
"""The others' readings are counted by the hour."""
_SLOT, _PAUSE = "_slot", "_pause"
REPORTING = 0.5
"""The share of the usual number of sensors that must report for a pause to be one sensor's own."""


def count_reporting(series: pl.LazyFrame) -> pl.LazyFrame:
    """Return the number of sensors with a row by hour, of an ordered series: ``_slot``, ``sensors``."""
    slots = series.select(ENTITY, pl.col(AT).dt.truncate(SLOT).alias(_SLOT))
    another = (pl.col(_SLOT) != pl.col(_SLOT).shift()) | (pl.col(ENTITY) != pl.col(ENTITY).shift())
    return slots.filter(another.fill_null(value=True)).group_by(_SLOT).agg(sensors=pl.len().cast(pl.Int64))


def find_pauses(series: pl.LazyFrame, test: SilentTest) -> pl.LazyFrame:
    """Return the long pauses of an ordered series that a row of the batch ends, as spans.

    ``first_at``: the last reading before the pause; ``last_at``: the next one; ``readings``: how many are missing.
    Long: more than ``intervals`` of the sensor's median interval, and two hours. A candidate only:
    :func:`keep_single_pauses` looks at the others.
    """
    rows = series.with_columns(previous(AT).alias("first_at"), last_at=pl.col(AT))
    ended = rows.filter(pl.col(FRESH) & pl.col("first_at").is_not_null())
    return _long_pauses(ended.join(sensor_rhythm(series), on=ENTITY), test)


def sensor_rhythm(series: pl.LazyFrame) -> pl.LazyFrame:
    """Return the last reading and the median interval of each sensor of an ordered series: ENTITY, newest, interval."""
    pause = pl.col(AT) - previous(AT)
    rows = series.select(ENTITY, AT, pause.alias(_PAUSE))
    between = pl.col(_PAUSE).filter(pl.col(_PAUSE).dt.total_microseconds() > 0)
    return rows.group_by(ENTITY).agg(newest=pl.col(AT).max(), interval=between.median())


def find_ended(rhythm: pl.LazyFrame, test: SilentTest, until: datetime) -> pl.LazyFrame:
    """Return the sensors that have been silent up to ``until``, as spans. ``rhythm``: of :func:`sensor_rhythm`."""
    last = pl.lit(until).cast(pl.Datetime("us", "UTC"))
    return _long_pauses(rhythm.with_columns(first_at=pl.col("newest"), last_at=last), test)


def _long_pauses(rows: pl.LazyFrame, test: SilentTest) -> pl.LazyFrame:
    pause, interval = pl.col("last_at") - pl.col("first_at"), pl.col("interval")
    long = (pause > interval * (test.intervals + 1)) & (pause > pl.duration(hours=2))
    missing = (pause.dt.total_microseconds() // interval.dt.total_microseconds() - 1).clip(1)
    detail = pl.format(
        "hours={} interval_minutes={}", (pause.dt.total_minutes() / 60).round(1), interval.dt.total_minutes()
    )
    return shape_spans(rows.filter(long).with_columns(readings=missing, detail=detail), CODE, "*")


def usual_sensors(reporting: pl.DataFrame) -> int:
    """Return the usual number of sensors that report in an hour: the median over the hours with any."""
    return int(reporting.select(pl.col("sensors").median()).item() or 0)


def network_end(reporting: pl.DataFrame) -> datetime | None:
    """Return the start of the last hour in which at least half of the usual sensors have reported; None without rows.

    A sensor whose clock is ahead does not make the others silent.
    """
    busy = reporting.filter(pl.col("sensors") >= REPORTING * usual_sensors(reporting))
    end = busy[_SLOT].max()
    return end if isinstance(end, datetime) else None


def keep_single_pauses(pauses: pl.DataFrame, reporting: pl.DataFrame, test: SilentTest) -> pl.DataFrame:
    """Keep the pauses in which the others reported in at least half of the hours; none if there are too few sensors."""
    usual = usual_sensors(reporting)
    if usual < test.sensors or pauses.is_empty():
        return pauses.clear()
    busy = reporting.filter(pl.col("sensors") >= REPORTING * usual).select(pl.col(_SLOT)).sort(_SLOT)
    hours = busy.with_row_index("_n", offset=1).with_columns(pl.col("_n").cast(pl.Int64))
    bounds = [("first_at", "_from"), ("last_at", "_to")]
    counted = pauses
    for bound, name in bounds:
        at = counted.sort(bound).join_asof(
            hours.rename({"_n": name}), left_on=bound, right_on=_SLOT, strategy="backward"
        )
        counted = at.drop(_SLOT, strict=False)
    within = pl.col("_to").fill_null(0) - pl.col("_from").fill_null(0)
    length = (pl.col("last_at") - pl.col("first_at")).dt.total_hours()
    return counted.filter(within >= REPORTING * length).select(pauses.columns)
