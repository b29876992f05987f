"""Numbers: casts that never guess, and units, fixed or named by each row."""

from __future__ import annotations

from contextlib import suppress

import polars as pl

from pipelines.conform.bound import RAW, Bound
from pipelines.conform.elementwise import divided
from schemas.binding import UnitFrom
from schemas.faults import CitylakeError
from schemas.units import Conversion, conversion, spellings


def decimal_of(bound: Bound) -> pl.Expr:
    """Float64 in the element's unit; NaN and infinities are unreadable."""
    number = pl.col(bound.text).cast(pl.Float64, strict=False)
    return _converted(bound, pl.when(number.is_finite()).then(number))


def integer_of(bound: Bound) -> pl.Expr:
    """Int64 in the element's unit; ``12.0`` is twelve, ``12.5`` is unreadable."""
    text = pl.col(bound.text)
    number = text.cast(pl.Float64, strict=False)
    whole = number.is_finite() & (number == number.floor()) & (number.abs() < 2**53)
    exact = pl.coalesce(text.cast(pl.Int64, strict=False), pl.when(whole).then(number).cast(pl.Int64, strict=False))
    if bound.binding.unit is None:
        return exact
    return _converted(bound, exact.cast(pl.Float64)).round().cast(pl.Int64)


def _converted(bound: Bound, number: pl.Expr) -> pl.Expr:
    unit, target = bound.binding.unit, bound.element.unit
    if unit is None or target is None:
        return number
    if isinstance(unit, str):
        return _apply(number, conversion(unit, target, bound.element.gas))
    return _by_row(bound, unit, number)


def _by_row(bound: Bound, unit: UnitFrom, number: pl.Expr) -> pl.Expr:
    name = unit_text(unit)
    chain: pl.Expr = pl.lit(None, pl.Float64)
    for text, factor in row_units(bound, unit).items():
        chain = pl.when(name == text).then(_apply(number, factor)).otherwise(chain)
    return chain


def unit_text(unit: UnitFrom) -> pl.Expr:
    """What the row says its unit is."""
    return pl.col(RAW + unit.field).str.strip_chars()


def row_units(bound: Bound, unit: UnitFrom) -> dict[str, Conversion]:
    """Every unit name that a row may give, with its conversion to the element's unit."""
    target = bound.element.unit
    if target is None:
        raise CitylakeError("UNIT_INCOMPATIBLE", source=unit.field, target="—")
    named = {text: conversion(code, target, bound.element.gas) for text, code in unit.names.items()}
    return named or _compatible(bound, target)


def _compatible(bound: Bound, target: str) -> dict[str, Conversion]:
    found = {}
    for text, code in spellings().items():
        with suppress(CitylakeError):
            found[text] = conversion(code, target, bound.element.gas)
    return found


def _apply(number: pl.Expr, by: Conversion) -> pl.Expr:
    # The ratio's two halves round once (12 / 10), where its binary factor rounds twice (12 × 0.1 ≠ 1.2).
    up, down = by.ratio.numerator, by.ratio.denominator
    if max(up, down) > 2**53:
        number = number * by.factor
    else:
        number = number * up if up != 1 else number
        number = divided(number, down) if down != 1 else number
    return number + by.offset if by.offset else number
