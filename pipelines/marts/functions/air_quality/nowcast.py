"""The NowCast of particulate matter: the concentration used for the US index of the current hour."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MIN_WEIGHT = 0.5


def compute_nowcast(hours: Sequence[pl.Expr]) -> pl.Expr:
    """Σ x·wⁱ / Σ wⁱ over 12 hourly means, newest first (EPA-454/B-24-002, appendix on the NowCast for PM).

    The weight w is 1 - (max - min)/max, at least 0.5. Hours without a value are in neither sum. The result is null if
    fewer than two of the newest three hours have a value. Columns and result: Float64, µg/m³.
    """
    highest, lowest = pl.max_horizontal(*hours), pl.min_horizontal(*hours)
    weight = pl.when(highest > 0).then((lowest / highest).clip(MIN_WEIGHT)).otherwise(1.0)
    sums = pl.sum_horizontal(*(value * weight**age for age, value in enumerate(hours)))
    weights = pl.sum_horizontal(*(pl.when(value.is_not_null()).then(weight**age) for age, value in enumerate(hours)))
    newest = pl.sum_horizontal(*(value.is_not_null().cast(pl.Int8) for value in hours[:3]))
    return pl.when(newest >= 2).then(sums / weights)
