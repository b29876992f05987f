"""Numbers: exact casts, and units that are fixed or named in each row."""

from __future__ import annotations

from contextlib import suppress

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.elementwise import divide_exact
from citylake.schemas.model.binding import UnitFrom
from citylake.schemas.units import UnitConversion, unit_conversion, unit_spellings
from citylake.schemas.words.errors import CitylakeError


def decimal_expr(bound: BoundColumn) -> pl.Expr:
    """Float64 in the element's unit; NaN and infinities are unreadable."""
    number = pl.col(bound.text).cast(pl.Float64, strict=False)
    return _convert_unit(bound, pl.when(number.is_finite()).then(number))


def integer_expr(bound: BoundColumn) -> pl.Expr:
    """Int64 in the element's unit; ``12.0`` is twelve, ``12.5`` is unreadable."""
    text = pl.col(bound.text)
    number = text.cast(pl.Float64, strict=False)
    whole = number.is_finite() & (number == number.floor()) & (number.abs() < 2**53)
    exact = pl.coalesce(text.cast(pl.Int64, strict=False), pl.when(whole).then(number).cast(pl.Int64, strict=False))
    if bound.binding.unit is None:
        return exact
    return _convert_unit(bound, exact.cast(pl.Float64)).round().cast(pl.Int64)


def _convert_unit(bound: BoundColumn, number: pl.Expr) -> pl.Expr:
    unit, target = bound.binding.unit, bound.element.unit
    if unit is None or target is None:
        return number
    if isinstance(unit, str):
        return _apply_conversion(number, unit_conversion(unit, target, bound.element.gas))
    return _convert_by_row(bound, unit, number)


def _convert_by_row(bound: BoundColumn, unit: UnitFrom, number: pl.Expr) -> pl.Expr:
    name = row_unit_expr(unit)
    chain: pl.Expr = pl.lit(None, pl.Float64)
    for text, factor in row_unit_conversions(bound, unit).items():
        chain = pl.when(name == text).then(_apply_conversion(number, factor)).otherwise(chain)
    return chain


def row_unit_expr(unit: UnitFrom) -> pl.Expr:
    """The unit named in the row."""
    return pl.col(RAW_PREFIX + unit.field).str.strip_chars()


def row_unit_conversions(bound: BoundColumn, unit: UnitFrom) -> dict[str, UnitConversion]:
    """Every unit name that a row may give, with its conversion to the element's unit."""
    target = bound.element.unit
    if target is None:
        raise CitylakeError("UNIT_INCOMPATIBLE", source=unit.field, target="—")
    named = {text: unit_conversion(code, target, bound.element.gas) for text, code in unit.names.items()}
    return named or _compatible_units(bound, target)


def _compatible_units(bound: BoundColumn, target: str) -> dict[str, UnitConversion]:
    found = {}
    for text, code in unit_spellings().items():
        with suppress(CitylakeError):
            found[text] = unit_conversion(code, target, bound.element.gas)
    return found


def _apply_conversion(number: pl.Expr, by: UnitConversion) -> pl.Expr:
    # Dividing by the ratio rounds once (12 / 10); multiplying by its binary factor rounds twice (12 × 0.1 ≠ 1.2).
    up, down = by.ratio.numerator, by.ratio.denominator
    if max(up, down) > 2**53:
        number = number * by.factor
    else:
        number = number * up if up != 1 else number
        number = divide_exact(number, down) if down != 1 else number
    return number + by.offset if by.offset else number
