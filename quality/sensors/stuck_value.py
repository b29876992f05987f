"""SENSOR_STUCK: the same value in reading after reading, more often than the sensor's own repeats explain."""

from __future__ import annotations

from math import floor, inf, log

import polars as pl

from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH, STEP, VALUE, no_spans, shape_spans
from citylake.schemas.model.sensor_rules import StuckTest

CODE = "SENSOR_STUCK"
_SAME, _RUN = "_same", "_run"
_WEIGHT = 10
"""Readings that the sensor's general share of repeats counts for, where its share at one value is estimated."""
_SHIFTS = 12
"""Longer runs are sought among those of this length."""


def find_stuck(readings: pl.DataFrame, column: str, test: StuckTest) -> pl.LazyFrame:
    """Return the spans in which ``column`` is stuck. ``readings``: of ``select_steps``; empty ones end no span.

    A run of n equal readings has the probability p^(n−1), where p is the share of readings that repeat the one before
    them: of this sensor, in general and at this value, without the run itself. The larger p counts. So a sensor of
    coarse resolution, or one at its detection limit, may repeat itself for longer than a fine one. The share of the
    median sensor counts as well: what is constant everywhere (the length of a road) is no reading.
    """
    rows = readings.lazy().with_columns((pl.col(STEP) == 0).fill_null(value=False).alias(_SAME))
    general = rows.group_by(ENTITY).agg(n=pl.len().cast(pl.Int64), repeats=pl.col(_SAME).sum().cast(pl.Int64)).collect()
    network = float(general.select((pl.col("repeats") / pl.col("n")).median()).item() or 0.0)
    least = _least_run(network, test)
    held = rows.filter(_long_run(int(min(least, _SHIFTS)))).select(ENTITY).unique().collect()
    if held.is_empty() or least > general.select(pl.col("n").max()).item():
        return no_spans()
    inside = pl.col(_SAME) | pl.col(_SAME).shift(-1).fill_null(value=False)
    runs = (
        rows.join(held.lazy(), on=ENTITY, how="semi", maintain_order="left")
        .with_columns((~pl.col(_SAME)).cum_sum().alias(_RUN))
        .filter(inside & (pl.col(VALUE) != 0))
        .group_by(ENTITY, _RUN, VALUE)
        .agg(
            first_at=pl.col(AT).first(),
            last_at=pl.col(AT).last(),
            readings=pl.len().cast(pl.Int64),
            fresh=pl.col(FRESH).any(),
        )
        .filter(pl.col("fresh") & (pl.col("readings") >= least))
    )
    at_same = rows.join(runs.select(ENTITY, VALUE).unique(), on=[ENTITY, VALUE], how="semi", nulls_equal=False)
    at_value = at_same.group_by(ENTITY, VALUE).agg(
        n_here=pl.len().cast(pl.Int64), here=pl.col(_SAME).sum().cast(pl.Int64)
    )
    judged = runs.join(general.lazy().with_columns(network=network), on=ENTITY).join(at_value, on=[ENTITY, VALUE])
    found = judged.filter((pl.col("readings") - 1) * _repeat_share().log() < -log(test.rarer_than))
    return shape_spans(found.with_columns(detail=pl.format("value={}", VALUE)), CODE, column)


def _least_run(network: float, test: StuckTest) -> float:
    """The length below which no run can be a finding, because the network's share of repeats explains it."""
    if network >= 1:
        return inf
    rare = log(test.rarer_than) / -log(network) if network else 0.0
    return max(test.readings, floor(1 + rare))


def _long_run(readings: int) -> pl.Expr:
    """Whether a row is the last of ``readings`` equal ones: most sensors have none, and are not looked at further."""
    return pl.all_horizontal(pl.col(_SAME).shift(back).fill_null(value=False) for back in range(readings - 1))


def _repeat_share() -> pl.Expr:
    run = pl.col("readings")
    general = (pl.col("repeats") - (run - 1) + 1) / (pl.col("n") - run + 2)
    here = (pl.col("here") - (run - 1) + _WEIGHT * general) / (pl.col("n_here") - run + _WEIGHT)
    return pl.max_horizontal(general, here, "network")
