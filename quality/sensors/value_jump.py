"""SENSOR_JUMP: a step that the sensor never takes, to a value that it never has at this hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from citylake.quality.sensors.sensor_series import (
    AT,
    ENTITY,
    FRESH,
    STEP,
    VALUE,
    no_spans,
    previous,
    shape_spans,
)
from citylake.schemas.model.sensor_rules import JumpTest

CODE = "SENSOR_JUMP"
MAD_TO_DEVIATION = 1.4826
"""The standard deviation of a normal distribution, in median absolute deviations."""
Q90_TO_DEVIATION = 1 / 1.6449
"""The same in 90 % quantiles of the absolute value."""
_GAP = 5
"""A step over more than this many intervals is no jump: nobody knows what was in between."""
_LEAST_OF_HOUR = 8
"""Readings in an hour of the day; with fewer, the day as a whole decides."""
SAMPLE = 500
"""Readings from which the usual steps and levels of a sensor are estimated: its quartiles to about 5 %."""
_GOLDEN = 2_654_435_761
_BEFORE, _HOUR, _PART, _PAUSE = "_before", "_hour", "_part", "_pause"
"""_PART: the sensor and the window as one number, in the order of the rows."""


def find_jumps(readings: pl.DataFrame, column: str, test: JumpTest, until: datetime, window: timedelta) -> pl.LazyFrame:
    """Return the readings of ``column`` to which it jumps, one span each. ``readings``: of ``select_steps``.

    What is usual is estimated by windows back from ``until``, so that a season is compared with itself: the median and
    the quartiles of the values (by sensor, and by sensor and hour of day), the median and the 90 % quantile of the
    steps. A tenth of the readings may be wrong without a change of these. Deviations above and below the median have
    different scales, because concentrations and travel times are skewed. Where more than half of the readings are 0
    (rain), nothing is judged.
    """
    if not readings.select((pl.col(STEP) > 0).any()).item():
        return no_spans()
    parts = readings.with_columns(_part_of_row(readings, until, window))
    sample = _sample(parts)
    scales = sample.group_by(_PART).agg(_scale(), n=pl.len(), zeros=(pl.col(VALUE) == 0).mean())
    known = scales.filter((pl.col("n") >= test.readings) & (pl.col("zeros") < 0.5) & pl.col("scale").is_not_null())
    # Most sensors take no wide step at all, and are not looked at further.
    wider = parts.filter(pl.col(FRESH) & (pl.col(STEP) > test.factor * pl.lit(known["scale"].min())))
    wide = wider.filter(pl.col(STEP) > test.factor * _scale_of_row(wider, known)) if wider.height else wider
    if wide.is_empty():
        return no_spans()
    near = wide.select(ENTITY, _PART).unique()
    usual = sample.join(near, on=_PART, how="semi").group_by(_PART).agg(*_levels(), _least())
    return _judge(_with_before(parts, near), wide, known.join(usual, on=_PART), column, test)


def _judge(rows: pl.LazyFrame, wide: pl.DataFrame, usual: pl.DataFrame, column: str, test: JumpTest) -> pl.LazyFrame:
    """The steps that are wide by all that is known of their sensor. ``rows``: all of the sensors and windows."""
    interval = rows.group_by(_PART).agg(pl.col(_PAUSE).median().alias("interval"))
    steps = rows.join(wide.lazy().select(_PART, AT, VALUE), on=[_PART, AT, VALUE], how="semi")
    known = steps.join(usual.lazy(), on=_PART).join(interval, on=_PART)
    far = known.filter(
        pl.col(FRESH) & (pl.col(STEP) > test.factor * pl.max_horizontal("scale", "least")),
        (pl.col(_PAUSE) <= _GAP * pl.col("interval")) & (_distance() > test.factor),
    )
    hours = rows.join(far.select(_PART, _HOUR).unique(), on=[_PART, _HOUR], how="semi")
    hourly = hours.group_by(_PART, _HOUR).agg(*_levels("hour_"), hour_n=pl.len())
    at_hour = (_distance("hour_") > test.factor) | (pl.col("hour_n") < _LEAST_OF_HOUR)
    found = far.join(hourly, on=[_PART, _HOUR]).filter(at_hour)
    detail = pl.format("from={} to={} usual={}", _BEFORE, VALUE, "middle")
    spans = found.select(ENTITY, first_at=AT, last_at=AT, readings=pl.lit(1), detail=detail)
    return shape_spans(spans, CODE, column)


def _part_of_row(readings: pl.DataFrame, until: datetime, window: timedelta) -> pl.Expr:
    length, entity = int(window.total_seconds()), pl.col(ENTITY).cast(pl.Int64)
    back = (pl.lit(until) - pl.col(AT)).dt.total_seconds() // length
    oldest = int(readings.select(back.max()).item())
    # Within a sensor, the oldest window comes first: the numbers rise, and groups are cut out of the frame.
    return (entity * (oldest + 1) + (oldest - back) if oldest else entity).set_sorted().alias(_PART)


def _scale_of_row(parts: pl.DataFrame, known: pl.DataFrame) -> pl.Expr:
    """The scale of the steps of a row's sensor and window, by its place in a dense list: a join takes much longer.

    Null where nothing is known.
    """
    first, last = parts[_PART][0], parts[_PART][-1]
    dense = pl.DataFrame({_PART: pl.int_range(first, last + 1, eager=True)}).join(
        known.select(_PART, "scale"), on=_PART, how="left", maintain_order="left"
    )
    return pl.lit(dense["scale"]).gather(pl.col(_PART) - first)


def _sample(parts: pl.DataFrame) -> pl.DataFrame:
    """About SAMPLE readings by sensor and window; all of them if there are not many more.

    The minute decides, by a multiplicative hash: neither the order of the rows nor the hour of the day.
    """
    windows = parts.select((pl.col(_PART) != pl.col(_PART).shift()).sum() + 1).item()
    every = max(int(parts.height / windows / SAMPLE), 1)
    minute = pl.col(AT).dt.epoch("s") // 60
    chosen = parts.select(_PART, VALUE, STEP, AT)
    return chosen if every == 1 else chosen.filter((minute * _GOLDEN // 65_536) % every == 0)


def _with_before(parts: pl.DataFrame, near: pl.DataFrame) -> pl.LazyFrame:
    sensors = parts.lazy().join(near.lazy().select(ENTITY).unique(), on=ENTITY, how="semi", maintain_order="left")
    rows = sensors.with_columns(
        previous(VALUE).alias(_BEFORE), (pl.col(AT) - previous(AT)).alias(_PAUSE), pl.col(AT).dt.hour().alias(_HOUR)
    )
    return rows.join(near.lazy(), on=_PART, how="semi", maintain_order="left")


def _levels(prefix: str = "") -> list[pl.Expr]:
    value = pl.col(VALUE)
    quantiles = {"low": 0.25, "middle": 0.5, "high": 0.75}
    return [value.quantile(q, "linear").alias(prefix + name) for name, q in quantiles.items()]


def _scale() -> pl.Expr:
    step = pl.col(STEP)
    return pl.max_horizontal(step.median() * MAD_TO_DEVIATION, step.quantile(0.9) * Q90_TO_DEVIATION).alias("scale")


def _least() -> pl.Expr:
    """The resolution: the smallest step that is one."""
    return pl.col(STEP).filter(pl.col(STEP) > 0).min().alias("least")


def _distance(prefix: str = "") -> pl.Expr:
    """The distance to the median in standard deviations of that side, at least in steps of the resolution."""
    value, middle = pl.col(VALUE), pl.col(f"{prefix}middle")
    side = pl.when(value >= middle).then(pl.col(f"{prefix}high") - middle).otherwise(middle - pl.col(f"{prefix}low"))
    return (value - middle).abs() / pl.max_horizontal(MAD_TO_DEVIATION * side, "least")
