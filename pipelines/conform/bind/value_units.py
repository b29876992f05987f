"""Units that a value names itself: ``500万元``, ``3.5 km``; read if the unit has the dimension of the element's."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.element_conversion import element_conversion, scale_conversion
from citylake.schemas.units import UnitConversion, resolve_unit, unit_spellings
from citylake.schemas.words.errors import CitylakeError

_MULTIPLES = {"十": 1, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_MULTIPLE = re.compile(rf"({'|'.join(sorted(_MULTIPLES, key=len, reverse=True))})\s*(.*)")
MOST_UNITS = 200
"""Distinct texts behind numbers in a block that are looked up as units."""


def convert_named_units(
    read: pl.DataFrame, bound: BoundColumn, apply: Callable[[pl.Expr, UnitConversion], pl.Expr]
) -> pl.Expr:
    """``number`` in the element's unit, from the ``unit`` behind it; null if that is no unit of this kind."""
    converted: pl.Expr = pl.lit(None, pl.Float64)
    for text in read["unit"].drop_nulls().unique().sort().head(MOST_UNITS).to_list():
        by = _value_conversion(text, bound)
        if by is not None:
            converted = pl.when(pl.col("unit") == text).then(apply(pl.col("number"), by)).otherwise(converted)
    return converted


def _value_conversion(text: str, bound: BoundColumn) -> UnitConversion | None:
    if code := unit_spellings().get(text):
        return _conversion(code, bound)
    multiple = _MULTIPLE.fullmatch(text)
    if multiple is None:
        return None
    code = unit_spellings().get(multiple[2]) if multiple[2] else _unit_without_power(bound)
    by = _conversion(code, bound) if code else None
    if by is None or by.offset:
        return None
    return scale_conversion(by, Fraction(10) ** _MULTIPLES[multiple[1]])


def _conversion(code: str, bound: BoundColumn) -> UnitConversion | None:
    try:
        return element_conversion(bound, code)
    except CitylakeError:
        return None


def _unit_without_power(bound: BoundColumn) -> str:
    """The unit that ``50万`` counts, in a column of ``万元``: ``元``."""
    unit = bound.binding.unit if isinstance(bound.binding.unit, str) else bound.element.unit or ""
    return re.sub(r"^10\*[0-9]+\.", "", resolve_unit(unit))
