"""The steps of the sub-index between the breakpoints of an indicator, in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from citylake.pipelines.marts.functions.air_quality.aqi_edition import AqiEdition, AqiIndicator


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


def _pairs(bounds: tuple) -> list[tuple]:  # type: ignore[type-arg]
    return [tuple(pair) for pair in (bounds if isinstance(bounds[0], tuple) else pairwise(bounds))]
