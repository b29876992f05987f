"""Rounding as standards ask for it: on the decimal text of a value, never on its binary fraction.

A Float64 read from a decimal text is the double nearest to it, and so is the quotient of two whole numbers under IEEE
754. Hence a value *is* the text k/10ⁿ exactly where it equals that quotient: every comparison below is one of texts.
"""

from __future__ import annotations

import polars as pl


def round_half_even(value: pl.Expr, places: int) -> pl.Expr:
    """Whole units of 10^-places as Int64, rounded half to even (GB/T 8170-2008, 3.2; 四舍六入五成双)."""
    scale = float(10**places)
    below = (value * scale).floor()
    middle = (below + 0.5) / scale
    odd = below % 2 == 1
    up = (value > middle) | ((value == middle) & odd)
    return (below + up.cast(pl.Float64)).cast(pl.Int64, strict=False)


def truncate_decimals(value: pl.Expr, places: int) -> pl.Expr:
    """Whole units of 10^-places as Int64, the rest of the digits cut off; for values from zero up."""
    scale = float(10**places)
    near = (value * scale).round()
    return near.cast(pl.Int64, strict=False) - (near / scale > value).cast(pl.Int64)


def divide_ceiling(numerator: pl.Expr, denominator: int) -> pl.Expr:
    """The whole number next above or at a quotient of whole numbers."""
    return (numerator + (denominator - 1)).floordiv(denominator)


def divide_half_up(numerator: pl.Expr, denominator: int) -> pl.Expr:
    """The whole number nearest to a quotient of whole numbers, halves up."""
    return (numerator * 2 + denominator).floordiv(2 * denominator)
