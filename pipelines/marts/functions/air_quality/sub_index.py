"""The sub-index of one indicator (IAQI, 空气质量分指数): HJ 633, equation 1; EPA-454/B-24-002, equation 1."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.marts.functions.air_quality.aqi_edition import AqiEdition, AqiIndicator
from citylake.pipelines.marts.functions.air_quality.breakpoint_steps import BreakpointStep, breakpoint_steps
from citylake.pipelines.marts.functions.decimal_rounding import (
    divide_ceiling,
    divide_half_up,
    round_half_even,
    truncate_decimals,
)


def compute_iaqi(edition: AqiEdition, indicator: AqiIndicator, value: pl.Expr) -> pl.Expr:
    """Return the sub-index (Int64) of concentrations ``value`` (Float64, in the indicator's unit).

    Null if the value is null, negative or not finite, or if the edition defines no index for it.
    """
    return iaqi_from_units(edition, indicator, to_whole_units(edition, indicator, value))


def to_whole_units(edition: AqiEdition, indicator: AqiIndicator, value: pl.Expr) -> pl.Expr:
    """Return ``value`` in units of the indicator's last decimal place (Int64), rounded by the edition's rule."""
    keep = round_half_even if edition.concentration == "half_even" else truncate_decimals
    return keep(pl.when(value.is_finite() & (value >= 0)).then(value), indicator.places)


def iaqi_from_units(edition: AqiEdition, indicator: AqiIndicator, counted: pl.Expr) -> pl.Expr:
    """Return the sub-index of a concentration in whole units.

    Pass a column, not a computed expression, because it is used once per step.
    """
    ladder = breakpoint_steps(edition, indicator)
    found = _index_above_scale(edition, indicator, ladder[-1], counted)
    for rung in reversed(ladder):
        found = pl.when(counted <= rung.high).then(_interpolate_step(edition, rung, counted)).otherwise(found)
    return pl.when(counted >= ladder[0].low).then(found).cast(pl.Int64)


def is_beyond_scale(edition: AqiEdition, indicator: AqiIndicator, counted: pl.Expr) -> pl.Expr:
    """Return a Boolean: whether a concentration is above the top of the scale (爆表), which has no defined index."""
    last = breakpoint_steps(edition, indicator)[-1]
    full = pl.lit(last.index_high == edition.top)
    return full & (counted > last.high).fill_null(value=False)


def _interpolate_step(edition: AqiEdition, rung: BreakpointStep, units: pl.Expr) -> pl.Expr:
    divide = divide_ceiling if edition.rounding == "up" else divide_half_up
    rise = (units - rung.low) * (rung.index_high - rung.index_low)
    return divide(rise, rung.high - rung.low) + rung.index_low


def _index_above_scale(edition: AqiEdition, indicator: AqiIndicator, last: BreakpointStep, units: pl.Expr) -> pl.Expr:
    if indicator.above == "none":
        return pl.lit(None)
    return _interpolate_step(edition, last, units) if indicator.above == "extrapolate" else pl.lit(indicator.above)
