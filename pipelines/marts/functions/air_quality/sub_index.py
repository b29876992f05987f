"""The sub-index of one indicator (IAQI, 空气质量分指数): HJ 633, equation 1; EPA-454/B-24-002, equation 1."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from citylake.pipelines.marts.functions.air_quality.aqi_edition import AqiEdition, AqiIndicator
from citylake.pipelines.marts.functions.decimal_rounding import (
    divide_ceiling,
    divide_half_up,
    round_half_even,
    truncate_decimals,
)


@dataclass(frozen=True, slots=True)
class BreakpointStep:
    """Concentrations from ``low`` to ``high`` (in units of the last decimal place), and the index at both ends."""

    low: int
    high: int
    index_low: int
    index_high: int


def breakpoint_steps(edition: AqiEdition, indicator: AqiIndicator) -> tuple[BreakpointStep, ...]:
    """Return the steps of ``indicator`` in integers, so that the index is computed exactly."""
    limits = [tuple(int(bound.scaleb(indicator.places)) for bound in pair) for pair in _pairs(indicator.limits)]
    index = _pairs(edition.index)[indicator.from_rung :]
    return tuple(BreakpointStep(*limit, *pair) for limit, pair in zip(limits, index, strict=False))


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


def _pairs(bounds: tuple) -> list[tuple]:  # type: ignore[type-arg]
    return [tuple(pair) for pair in (bounds if isinstance(bounds[0], tuple) else pairwise(bounds))]
