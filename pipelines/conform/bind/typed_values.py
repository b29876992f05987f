"""From cleaned text to typed values, and the rules for texts that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.geometry_values import geometry_rules, geometry_struct
from citylake.pipelines.conform.bind.number_notation import ambiguous_pattern
from citylake.pipelines.conform.bind.number_style import other_style_pattern
from citylake.pipelines.conform.bind.numeric_values import (
    decimal_expr,
    integer_expr,
    row_factor_text,
    row_unit_conversions,
    row_unit_expr,
)
from citylake.pipelines.conform.bind.point_texts import holds_point
from citylake.pipelines.conform.bind.row_zones import row_zone_expr
from citylake.pipelines.conform.bind.time_texts import is_epoch_number
from citylake.pipelines.conform.bind.time_values import date_expr, datetime_expr, seconds_expr, time_expr
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding_words import FactorFrom, UnitFrom, ZoneFrom
from citylake.schemas.model.place_words import CHINESE_FRAMES, moves_coordinates
from citylake.schemas.notation.time_format import EPOCH_TICKS, split_formats

_TRUE = ("1", "true", "yes", "y", "t", "是", "有")
_FALSE = ("0", "false", "no", "n", "f", "否", "无")

POLARS_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "string": pl.String,
    "integer": pl.Int64,
    "decimal": pl.Float64,
    "date": pl.Date,
    "datetime": pl.Datetime("us", "UTC"),
    # Delta has no type for a time of day; text of a fixed form sorts and compares correctly.
    "time": pl.String,
    "boolean": pl.Boolean,
    "binary": pl.Binary,
    "geometry": pl.Binary,
}
"""The column type of each type of element."""


def _boolean_expr(bound: BoundColumn) -> pl.Expr:
    """Boolean; any other word is unreadable."""
    own = bool(bound.binding.true or bound.binding.false)
    text = pl.col(bound.text) if own else pl.col(bound.text).str.to_lowercase()
    yes, no = (bound.binding.true, bound.binding.false) if own else (_TRUE, _FALSE)
    return pl.when(text.is_in(list(yes))).then(True).when(text.is_in(list(no))).then(False)  # noqa: FBT003 (a value, not a flag)


_CASTS: dict[str, Callable[[BoundColumn], pl.Expr]] = {
    "integer": integer_expr,
    "decimal": decimal_expr,
    "date": date_expr,
    "datetime": datetime_expr,
    "time": time_expr,
    "boolean": _boolean_expr,
    "string": lambda bound: pl.col(bound.text),
    "binary": lambda bound: pl.col(bound.text).str.decode("base64", strict=False),
    "geometry": lambda bound: pl.col(geometry_struct(bound.column)).struct.field("wkb"),
}


def value_expr(bound: BoundColumn) -> pl.Expr:
    """The typed column, in the element's unit, zone and frame; null if there is no value or it cannot be read."""
    if bound.binding.format == "duration_hms":
        return seconds_expr(bound).alias(bound.column)
    return _CASTS[bound.element.type](bound).cast(POLARS_TYPES[bound.element.type]).alias(bound.column)


def cast_failed(bound: BoundColumn) -> pl.Expr:
    """Whether there is a text that gave no value."""
    return pl.col(bound.text).is_not_null() & _has_no_value(bound)


def _has_no_value(bound: BoundColumn) -> pl.Expr:
    """Whether neither the column nor, with ``interval``, one of its limits has a value."""
    sides = ("_min", "_max") if bound.binding.interval else ()
    return pl.all_horizontal(pl.col(bound.column + side).is_null() for side in ("", *sides))


def unreadable_rules(bounds: Sequence[BoundColumn]) -> Iterator[RowRule]:
    """VALUE_UNREADABLE, TIME_UNREADABLE and their more exact kinds, for every column that is cast; one at a time."""
    for bound in bounds:
        if bound.codes or bound.element.type == "string":
            continue
        if bound.element.type == "geometry":
            yield from geometry_rules(bound)
            continue
        code = "TIME_UNREADABLE" if bound.element.type in ("date", "datetime", "time") else "VALUE_UNREADABLE"
        failed = cast_failed(bound)
        for issue, known, detail in _row_references(bound):
            yield RowRule(issue, bound.column, failed & ~known, detail=detail)
            failed &= known
        yield from _unreadable_texts(bound, code, failed)


def _row_references(bound: BoundColumn) -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """What a row names itself: the issue if that is unknown, whether it is known, and what the row says."""
    unit, factor, zone = bound.binding.unit, bound.binding.factor, bound.binding.zone
    if isinstance(unit, UnitFrom):
        known = row_unit_expr(unit).is_in(list(row_unit_conversions(bound, unit))).fill_null(value=False)
        yield "UNIT_UNKNOWN_IN_ROW", known, row_unit_expr(unit)
    if isinstance(factor, FactorFrom):
        said = pl.col(RAW_PREFIX + factor.field)
        yield "FACTOR_UNREADABLE", row_factor_text(factor).is_not_null(), said
    if isinstance(zone, ZoneFrom):
        yield "ZONE_UNKNOWN_IN_ROW", row_zone_expr(zone).is_not_null(), pl.col(RAW_PREFIX + zone.field)


def _unreadable_texts(bound: BoundColumn, code: str, failed: pl.Expr) -> Iterator[RowRule]:
    detail = bound.binding.format or bound.element.type
    if code == "TIME_UNREADABLE" and not EPOCH_TICKS.keys().isdisjoint(split_formats(detail)):
        number = is_epoch_number(pl.col(bound.text))
        yield RowRule("EPOCH_IMPLAUSIBLE", bound.column, failed & number, detail_text=detail)
        failed &= ~number
    if moves_coordinates(bound.binding.frame) and bound.binding.frame not in CHINESE_FRAMES:
        number = pl.col(bound.text).cast(pl.Float64, strict=False).is_not_null()
        yield RowRule("PLACE_OUTSIDE_FRAME", bound.column, failed & number, detail_text=str(bound.binding.frame))
        failed &= ~number
    if bound.element.unit == "deg" and not bound.binding.point:
        # Few texts fail; the others are not searched.
        both = holds_point(pl.when(failed).then(pl.col(bound.text))).fill_null(value=False)
        yield RowRule("POINT_IN_ONE_FIELD", bound.column, failed & both, detail_text=",".join(bound.fields))
        failed &= ~both
    if bound.is_number:
        text = pl.when(failed).then(bound.text)
        doubtful = text.str.contains(ambiguous_pattern(".,")).fill_null(value=False)
        styled = text.str.contains(other_style_pattern(bound.style)).fill_null(value=False) & ~doubtful
        yield RowRule("NUMBER_AMBIGUOUS", bound.column, doubtful, detail_text=_style_words(bound))
        yield RowRule("NUMBER_STYLE_WRONG", bound.column, styled, detail_text=_style_words(bound))
        failed &= ~doubtful & ~styled
    yield RowRule(code, bound.column, failed, detail_text=detail)


def _style_words(bound: BoundColumn) -> str:
    style = bound.style
    return f'decimal: "{style.decimal}"' + (f', thousands: "{style.thousands}"' if style.thousands else "")
