"""Row rules from a data element: range, plausible time, pattern, length, character class, check digit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import polars as pl

from citylake.quality.rules.check_digits import has_check_digit
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.element import DataElement
from citylake.schemas.notation import parse_format

_PLAUSIBLE_TIMES = (datetime(1950, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_PLAUSIBLE_DATES = (date(1850, 1, 1), date(2100, 1, 1))


def element_rules(element: DataElement, column: str) -> Iterator[RowRule]:
    """Yield the rules of ``element`` for ``column``, whose values have the element's unit and type.

    The order is that of causes: a text of the wrong length has no right pattern, and no right check digit either.
    """
    for make in (_range, _plausible_time, _length, _pattern, _check_digit):
        yield from make(element, column)


def _range(element: DataElement, column: str) -> Iterator[RowRule]:
    if element.range is None or element.type not in ("integer", "decimal"):
        return
    low, high = element.range
    value = pl.col(column)
    outside = [value < low] if low is not None else []
    outside += [value > high] if high is not None else []
    words = f"[{_number(low, '-∞')}, {_number(high, '∞')}] {element.unit or ''}".strip()
    if outside:
        yield RowRule("VALUE_OUT_OF_RANGE", column, pl.any_horizontal(outside), detail_text=words)


def _number(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:g}"


def _plausible_time(element: DataElement, column: str) -> Iterator[RowRule]:
    bounds: dict[str, tuple[date, date]] = {"datetime": _PLAUSIBLE_TIMES, "date": _PLAUSIBLE_DATES}
    if element.type in bounds:
        first, end = bounds[element.type]
        value = pl.col(column)
        words = f"{first:%Y-%m-%d} … {end:%Y-%m-%d}"
        yield RowRule("VALUE_OUT_OF_RANGE", column, (value < first) | (value >= end), detail_text=words)


def _pattern(element: DataElement, column: str) -> Iterator[RowRule]:
    if element.pattern and element.type == "string":
        matches = pl.col(column).str.contains(element.pattern)
        yield RowRule("PATTERN_MISMATCH", column, ~matches, detail_text=element.pattern)


def _length(element: DataElement, column: str) -> Iterator[RowRule]:
    if element.type != "string" or not element.format or element.codes:
        return
    form = parse_format(element.format)
    length = pl.col(column).str.len_chars()
    tests: list[tuple[int | None, str, Callable[[int], pl.Expr]]] = [
        (form.max_length, "VALUE_TOO_LONG", lambda most: length > most),
        (form.min_length or None, "VALUE_TOO_SHORT", lambda least: length < least),
    ]
    for limit, code, broken in tests:
        if limit is not None:
            yield RowRule(code, column, broken(limit), detail_text=element.format)
    if form.characters == "n":
        yield RowRule("PATTERN_MISMATCH", column, ~pl.col(column).str.contains(r"^[0-9]*$"), detail_text=element.format)


def _check_digit(element: DataElement, column: str) -> Iterator[RowRule]:
    if element.check_digit:
        right = has_check_digit(element.check_digit, pl.col(column))
        yield RowRule("CHECK_DIGIT_WRONG", column, ~right, detail_text=element.check_digit)
