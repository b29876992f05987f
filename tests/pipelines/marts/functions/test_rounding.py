from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from citylake.pipelines.marts.functions.decimal_rounding import (
    divide_ceiling,
    divide_half_up,
    round_half_even,
    truncate_decimals,
)

texts = st.integers(0, 10**7).flatmap(
    lambda whole: st.integers(0, 6).map(lambda places: str(Decimal(whole).scaleb(-places)))
)


@given(texts, st.integers(0, 3))
@example("2.05", 1)
@example("2.15", 1)
@example("1.005", 2)
@example("4.35", 2)
def test_a_double_is_rounded_as_its_decimal_text(text: str, places: int) -> None:
    step = Decimal(1).scaleb(-places)
    for function, mode in ((round_half_even, ROUND_HALF_EVEN), (truncate_decimals, ROUND_DOWN)):
        right = Decimal(text).quantize(step, mode).scaleb(places)
        assert pl.select(function(pl.lit(float(text)), places)).item() == right


@given(st.floats(0, 1e6), st.integers(0, 3))
def test_any_double_is_rounded_as_its_shortest_text(value: float, places: int) -> None:
    right = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN).scaleb(places)
    assert pl.select(round_half_even(pl.lit(value), places)).item() == right


@given(st.integers(0, 10**9), st.integers(1, 10**4))
def test_quotients_are_exact(numerator: int, denominator: int) -> None:
    up = (Decimal(numerator) / denominator).to_integral_value(ROUND_CEILING)
    assert pl.select(divide_ceiling(pl.lit(numerator), denominator)).item() == up
    assert pl.select(divide_half_up(pl.lit(numerator), denominator)).item() == (2 * numerator + denominator) // (
        2 * denominator
    )


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_no_number_stays_none(value: float | None) -> None:
    assert pl.select(round_half_even(pl.lit(value, dtype=pl.Float64), 1)).item() is None
