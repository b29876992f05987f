"""ZERO_FOR_MISSING: a missing value that was written as 0, found by what 0 would have to mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

import polars as pl

from citylake.quality.sensors.sensor_series import (
    ENTITY,
    VALUE,
    no_spans,
    previous,
    select_readings,
    spans_of_flagged,
)
from citylake.schemas.model.sensor_rules import ZeroTest

CODE = "ZERO_FOR_MISSING"
NEAR = 0.05
"""A reading below this share of the usual reading is near 0."""
RARER_THAN = 1e-6
"""All columns of a row are 0: that is no measurement if it is rarer than this by the readings near 0."""
SEVERAL = 3
RARE_ALONE = 0.002
"""The same for a column alone, which must also fall to 0 from a usual value."""
_BEFORE = "_before"


@dataclass(frozen=True, slots=True)
class ZeroProfile:
    """What the network knows of 0. ``near``: by column with zeros, the share of its other readings that are near 0.

    ``usual``: the columns that are 0 in more than ``ZeroTest.share`` of the rows of the median sensor (rain, an empty
    road, lamps by day): there 0 is a measurement.
    """

    near: Mapping[str, float] = field(default_factory=dict)
    usual: frozenset[str] = frozenset()

    @property
    def unnatural(self) -> tuple[str, ...]:
        """The columns in which 0 may stand for a missing value."""
        return tuple(sorted(set(self.near) - self.usual))


def zero_facts(columns: Sequence[str]) -> list[pl.Expr]:
    """Return what :func:`zero_profile` needs to know of each sensor, as aggregations of its rows."""
    facts = []
    for name in columns:
        value = _value(name)
        facts += [(value == 0).sum().alias(f"{name}:zeros"), value.count().alias(f"{name}:values")]
    return facts


def zero_profile(rows: pl.LazyFrame, sensors: pl.DataFrame, columns: Sequence[str], test: ZeroTest) -> ZeroProfile:
    """Read what 0 means in each column of a series.

    ``sensors``: a row each, with :func:`zero_facts`. The rows, in any order, are read again only if 0 occurs where it
    is not usual. What is near 0 is measured by the geometric mean of the other readings.
    """
    found = [name for name in columns if sensors[f"{name}:zeros"].sum()]
    shares = {name: _median_share(sensors, name) for name in found}
    often = frozenset(name for name, share in shares.items() if share > test.share)
    rare = [name for name in found if name not in often]
    logs = rows.select(_mean_log(name) for name in rare).collect(engine="streaming").row(0, named=True) if rare else {}
    bounds = {name: exp(log_of_mean) * NEAR for name, log_of_mean in logs.items() if log_of_mean is not None}
    if not bounds:
        return ZeroProfile(usual=often)
    near = rows.select(_near_share(name, bound) for name, bound in bounds.items()).collect(engine="streaming")
    return ZeroProfile(near.row(0, named=True), often)


def _median_share(sensors: pl.DataFrame, name: str) -> float:
    with_values = sensors.filter(pl.col(f"{name}:values") > 0)
    share = pl.col(f"{name}:zeros") / pl.col(f"{name}:values")
    return float(with_values.select(share.median()).item() or 0.0)


def _mean_log(name: str) -> pl.Expr:
    """The logarithm of the geometric mean of the readings that are not 0; null if there are none."""
    value = _value(name)
    return pl.when((value != 0) & value.is_finite()).then(value.abs().log()).mean().alias(name)


def _near_share(name: str, bound: float) -> pl.Expr:
    # Half a reading more: what was never seen is not impossible.
    value = _value(name)
    near = ((value.abs() <= bound) & (value != 0)).sum() + 0.5
    return near.truediv((value != 0).sum() + 1).alias(name)


def _value(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64, strict=False)


def is_zero_row(columns: Sequence[str], profile: ZeroProfile) -> pl.Expr:
    """Whether a row is a missing one: all of its values are 0, or SEVERAL of them where 0 means nothing.

    The more columns are 0 at once, and the rarer readings near 0 are in each, the less can they be measured: the
    product of the shares is below RARER_THAN. Running means and maxima in the same row need not be 0.
    """
    judged = [(_value(name) == 0).fill_null(value=False) for name in profile.unnatural]
    if len(judged) < 2:
        return pl.lit(value=False)
    logs = [
        pl.when(zero).then(log(profile.near[name])).otherwise(0.0)
        for zero, name in zip(judged, profile.unnatural, strict=True)
    ]
    every = pl.all_horizontal(_value(name).fill_null(0.0) == 0 for name in columns)
    many = pl.sum_horizontal(judged)
    return ((many >= SEVERAL) | (every & (many >= 2))) & (pl.sum_horizontal(logs) < log(RARER_THAN))


def find_zero_rows(series: pl.LazyFrame, columns: Sequence[str], profile: ZeroProfile) -> pl.LazyFrame:
    """Return the spans of rows of an ordered series that :func:`is_zero_row` takes for missing."""
    if len(profile.unnatural) < 2:
        return no_spans()
    # Rows without any value end no span: there is no reading.
    rows = series.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    zero = [pl.when(_value(name) == 0).then(pl.lit(name)) for name in columns]
    detail = pl.concat_str(zero, separator="+", ignore_nulls=True) + "=0"
    return spans_of_flagged(rows, is_zero_row(columns, profile), CODE, "*", detail)


def find_zero_values(series: pl.LazyFrame, column: str, profile: ZeroProfile) -> pl.LazyFrame:
    """Return the spans in which one column falls to 0 from a usual value, in a column that has no readings near 0.

    Usual: at or above the lower quartile of the sensor's readings without zeros.
    """
    if column not in profile.unnatural or profile.near[column] > RARE_ALONE:
        return no_spans()
    value, every = pl.col(VALUE), select_readings(series, column)
    rows = every.join(every.filter(value == 0).select(ENTITY).unique(), on=ENTITY, how="semi", maintain_order="left")
    low = rows.filter(value != 0).group_by(ENTITY).agg(low=value.quantile(0.25, "linear"))
    before = rows.with_columns(pl.when(previous(VALUE) != 0).then(previous(VALUE)).alias(_BEFORE))
    # Within a run of zeros, what was before the run.
    carried = pl.when(value == 0).then(pl.col(_BEFORE).forward_fill().over(ENTITY))
    known = before.with_columns(carried.alias(_BEFORE)).join(low, on=ENTITY, how="left", maintain_order="left")
    flagged = (value == 0) & (pl.col(_BEFORE) >= pl.col("low"))
    return spans_of_flagged(known, flagged, CODE, column, pl.format("from={} to=0", _BEFORE))
