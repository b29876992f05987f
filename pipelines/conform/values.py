"""From cleaned text to typed values, and the rules that say where the text could not be understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from pipelines.conform.booleans import boolean_of
from pipelines.conform.bound import Bound
from pipelines.conform.numbers import decimal_of, integer_of, row_units, unit_text
from pipelines.conform.times import date_of, datetime_of, seconds_of, time_of
from quality.rules.row_rule import RowRule
from schemas.binding import UnitFrom

TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "string": pl.String,
    "integer": pl.Int64,
    "decimal": pl.Float64,
    "date": pl.Date,
    "datetime": pl.Datetime("us", "UTC"),
    # Delta has no type for a time of day: text of a fixed form sorts and compares rightly.
    "time": pl.String,
    "boolean": pl.Boolean,
    "binary": pl.Binary,
}
"""The column type of each type of element."""

_CASTS: dict[str, Callable[[Bound], pl.Expr]] = {
    "integer": integer_of,
    "decimal": decimal_of,
    "date": date_of,
    "datetime": datetime_of,
    "time": time_of,
    "boolean": boolean_of,
    "string": lambda bound: pl.col(bound.text),
    "binary": lambda bound: pl.col(bound.text).str.decode("base64", strict=False),
}


def value_of(bound: Bound) -> pl.Expr:
    """The typed column, in the element's unit, zone and frame; null where there is no value or it is unreadable."""
    if bound.binding.format == "duration_hms":
        return seconds_of(bound).alias(bound.column)
    return _CASTS[bound.element.type](bound).cast(TYPES[bound.element.type]).alias(bound.column)


def failed(bound: Bound) -> pl.Expr:
    """Whether there was a text that gave no value."""
    return pl.col(bound.text).is_not_null() & pl.col(bound.column).is_null()


def not_understood(bound: Bound) -> pl.Expr:
    """Whether the source said something that gave no value: other rules on the column are then unknown."""
    said = f"_asked.{bound.column}" if bound.binding.lookup else bound.text
    return pl.col(said).is_not_null() & pl.col(bound.column).is_null()


def reading_rules(bounds: Sequence[Bound]) -> Iterator[RowRule]:
    """VALUE_UNREADABLE, TIME_UNREADABLE and UNIT_UNKNOWN_IN_ROW for every column that is cast."""
    for bound in bounds:
        if bound.codes or bound.element.type == "string":
            continue
        code = "TIME_UNREADABLE" if bound.element.type in ("date", "datetime", "time") else "VALUE_UNREADABLE"
        unit = bound.binding.unit
        if isinstance(unit, UnitFrom):
            known = unit_text(unit).is_in(list(row_units(bound, unit))).fill_null(value=False)
            yield RowRule("UNIT_UNKNOWN_IN_ROW", bound.column, failed(bound) & ~known, detail=unit_text(unit))
            yield RowRule(code, bound.column, failed(bound) & known, detail_text=bound.element.type)
        else:
            yield RowRule(code, bound.column, failed(bound), detail_text=bound.binding.format or bound.element.type)
