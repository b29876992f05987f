"""Numbers: exact casts in the column's number style, factors, and units that are fixed, in a row or in a value."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.element_conversion import UNCHANGED, element_conversion, scale_conversion
from citylake.pipelines.conform.bind.elementwise import divide_exact, map_elementwise
from citylake.pipelines.conform.bind.number_notation import read_number_notation
from citylake.pipelines.conform.bind.value_units import convert_named_units
from citylake.schemas.model.binding_words import FactorFrom, UnitFrom
from citylake.schemas.units import UnitConversion, unit_spellings
from citylake.schemas.words.errors import CitylakeError

_ROUNDING = 2.0**-51
"""The error of one division or multiplication of a double and of its decimal text, relative."""


def decimal_expr(bound: BoundColumn) -> pl.Expr:
    """Float64 in the element's unit; NaN and infinities are unreadable."""

    def work(texts: pl.Series) -> pl.Series:
        number = _convert_series(_computer_numbers(texts, bound), by)
        return _fill_unread(texts, number, lambda some: _read_noted(some, bound))

    by = UNCHANGED if _names_units_by_row(bound) else fixed_conversion(bound)
    number = map_elementwise(pl.col(bound.text), work, pl.Float64)
    return _convert_named(bound, number) if _names_units_by_row(bound) else number


def integer_expr(bound: BoundColumn) -> pl.Expr:
    """Int64 in the element's unit; ``12.0`` is twelve, ``12.5`` is unreadable unless its unit makes it whole."""

    def work(texts: pl.Series) -> pl.Series:
        exact = texts.cast(pl.Int64, strict=False)
        if missing:
            exact = exact.set(exact.is_in(missing).fill_null(value=False), None)
        exact = _fill_unread(texts, exact, lambda some: _whole(_computer_numbers(some, bound)))
        if not by.identity:
            exact = _convert_series(exact.cast(pl.Float64), by).round().cast(pl.Int64)
        return _fill_unread(texts, exact, lambda some: _whole(_near_whole(_read_noted(some, bound))))

    by = UNCHANGED if _names_units_by_row(bound) else fixed_conversion(bound)
    missing = [int(number) for number in _sentinel_numbers(bound) if number.is_integer()]
    number = map_elementwise(pl.col(bound.text), work, pl.Int64)
    if _names_units_by_row(bound):
        return _convert_named(bound, number.cast(pl.Float64)).round().cast(pl.Int64)
    return number


def _fill_unread(texts: pl.Series, values: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``values`` with those that only ``read`` can read; the ordinary notation costs no second look."""
    if values.null_count() == texts.null_count():
        return values
    unread = values.is_null() & texts.is_not_null()
    some = texts.filter(unread).unique()
    return values.zip_with(~unread, texts.replace_strict(some, read(some), default=None, return_dtype=values.dtype))


def _near_whole(number: pl.Series) -> pl.Series:
    """The numbers, whole if only the rounding of a conversion separates them: 1.021 s are 1021 ms, as 1020.999…9."""
    nearest = number.round()
    return number.zip_with((number - nearest).abs() > number.abs() * _ROUNDING, nearest)


def _whole(number: pl.Series) -> pl.Series:
    whole = number.is_finite() & (number == number.floor()) & (number.abs() < 2**53)
    return number.set(~whole.fill_null(value=False), None).cast(pl.Int64)


def _computer_numbers(texts: pl.Series, bound: BoundColumn) -> pl.Series:
    """The numbers of texts in the notation of computers, if that is the column's style."""
    number = texts.cast(pl.Float64, strict=False)
    wrong = ~number.is_finite()
    if missing := _sentinel_numbers(bound):
        # 999.0 beside the sentinel 999 is no value, but the contract does not say so.
        wrong |= number.is_in(missing)
    if not bound.style.point_is_decimal:
        wrong |= texts.str.contains(".", literal=True)
    return number.set(wrong.fill_null(value=False), None) if wrong.any() else number


def _convert_series(number: pl.Series, by: UnitConversion) -> pl.Series:
    return number if by.identity else number.to_frame("n").select(_apply_conversion(pl.col("n"), by)).to_series()


def _read_noted(texts: pl.Series, bound: BoundColumn) -> pl.Series:
    """The numbers of distinct texts in another notation, converted unless the row names its unit or factor."""
    read = read_number_notation(texts, bound.style, accounting="accounting" in bound.binding.clean)
    read = read.with_columns(pl.when(~pl.col("number").is_in(_sentinel_numbers(bound))).then("number").alias("number"))
    plain = pl.when(pl.col("unit").is_null()).then("number")
    own = [plain if _names_units_by_row(bound) else _apply_conversion(plain, fixed_conversion(bound))]
    if bound.element.unit and not _names_units_by_row(bound) and bound.binding.factor is None:
        own.append(convert_named_units(read, bound, _apply_conversion))
    return read.select(pl.coalesce(own).alias("number")).to_series()


def _sentinel_numbers(bound: BoundColumn) -> list[float]:
    return [number for text in bound.sentinels if (number := _sentinel_number(text)) is not None]


def _sentinel_number(text: str) -> float | None:
    with suppress(ValueError):
        return float(text)
    return None


def _names_units_by_row(bound: BoundColumn) -> bool:
    return isinstance(bound.binding.unit, UnitFrom) or isinstance(bound.binding.factor, FactorFrom)


def fixed_conversion(bound: BoundColumn) -> UnitConversion:
    """The conversion of every value that names no unit itself, the binding's factor included."""
    unit = bound.binding.unit
    by = element_conversion(bound, unit if isinstance(unit, str) else None)
    return scale_conversion(by, bound.binding.factor) if isinstance(bound.binding.factor, float) else by


def _convert_named(bound: BoundColumn, number: pl.Expr) -> pl.Expr:
    """``number`` in the element's unit, by the unit or the factor that the row names."""
    if isinstance(bound.binding.factor, FactorFrom):
        number = _multiply_decimal(number, row_factor_text(bound.binding.factor))
    unit = bound.binding.unit
    if isinstance(unit, UnitFrom):
        return _convert_by_row(bound, unit, number)
    return _apply_conversion(number, element_conversion(bound, unit))


def _multiply_decimal(number: pl.Expr, factor: pl.Expr) -> pl.Expr:
    """``number`` times the decimal text ``factor``, rounded once: its digits, divided by a power of ten."""
    places = factor.str.extract(r"\.([0-9]*)$", 1).str.len_chars().fill_null(0)
    digits = factor.str.replace(".", "", literal=True).cast(pl.Float64, strict=False)
    return number * digits / pl.lit(10.0).pow(places)


def row_factor_text(factor: FactorFrom) -> pl.Expr:
    """The factor named in the row, if it is a plain decimal number above 0."""
    text = pl.col(RAW_PREFIX + factor.field).str.strip_chars()
    plain = text.str.contains(r"^[0-9]{1,12}(?:\.[0-9]{1,12})?$") & text.str.contains("[1-9]")
    return pl.when(plain).then(text)


def _convert_by_row(bound: BoundColumn, unit: UnitFrom, number: pl.Expr) -> pl.Expr:
    name, factor = row_unit_expr(unit), bound.binding.factor
    chain: pl.Expr = pl.lit(None, pl.Float64)
    for text, by in row_unit_conversions(bound, unit).items():
        scaled = scale_conversion(by, factor) if isinstance(factor, float) else by
        chain = pl.when(name == text).then(_apply_conversion(number, scaled)).otherwise(chain)
    return chain


def row_unit_expr(unit: UnitFrom) -> pl.Expr:
    """The unit named in the row."""
    return pl.col(RAW_PREFIX + unit.field).str.strip_chars()


def row_unit_conversions(bound: BoundColumn, unit: UnitFrom) -> dict[str, UnitConversion]:
    """Every unit name that a row may give, with its conversion to the element's unit."""
    if bound.element.unit is None:
        raise CitylakeError("UNIT_INCOMPATIBLE", source=unit.field, target="—")
    named = {text: element_conversion(bound, code) for text, code in unit.names.items()}
    return named or _compatible_units(bound)


def _compatible_units(bound: BoundColumn) -> dict[str, UnitConversion]:
    found = {}
    for text, code in unit_spellings().items():
        with suppress(CitylakeError):
            found[text] = element_conversion(bound, code)
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
