"""Rounding as standards require it: on the decimal text of a value, not on its binary fraction.

A Float64 parsed from a decimal text is the double nearest to it, and so is the quotient of two integers under IEEE 754.
A value therefore stands for the text k/10ⁿ if and only if it equals that quotient, so comparisons below are exact.
"""

from __future__ import annotations

import polars as pl


def round_half_even(value: pl.Expr, places: int) -> pl.Expr:
    """Return units of 10^-places as Int64, rounded half to even (GB/T 8170-2008, 3.2; 四舍六入五成双)."""
    scale = float(10**places)
    below = (value * scale).floor()
    middle = (below + 0.5) / scale
    odd = below % 2 == 1
    up = (value > middle) | ((value == middle) & odd)
    return (below + up.cast(pl.Float64)).cast(pl.Int64, strict=False)


def truncate_decimals(value: pl.Expr, places: int) -> pl.Expr:
    """Return units of 10^-places as Int64, truncated. For values of zero and above."""
    scale = float(10**places)
    near = (value * scale).round()
    return near.cast(pl.Int64, strict=False) - (near / scale > value).cast(pl.Int64)


def divide_ceiling(numerator: pl.Expr, denominator: int) -> pl.Expr:
    """Return the quotient of integers, rounded up."""
    return (numerator + (denominator - 1)).floordiv(denominator)


def divide_half_up(numerator: pl.Expr, denominator: int) -> pl.Expr:
    """Return the quotient of integers, rounded half up."""
    return (numerator * 2 + denominator).floordiv(2 * denominator)
