"""The difference between the rows that a SELECT returned and those that a test expects, as lines to read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from citylake.schemas.words.message_catalogue import translate_key

Row = Mapping[str, object]
_CLOSE = 1e-9
"""The relative difference below which two numbers are the same: sums of binary fractions differ by rounding."""
_MOST_LINES = 20


def row_differences(expected: Sequence[Row], found: Sequence[Row], grain: Sequence[str], *, ordered: bool) -> list[str]:
    """Return what differs, at most twenty lines; empty if nothing does.

    Unless ``ordered``, rows are matched by the columns of ``grain`` that the expected rows have, else as wholes.
    """
    lines = list(_in_order(expected, found) if ordered else _by_key(expected, found, grain))
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], translate_key("mart_tests.more", count=more)]


def _in_order(expected: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    for number in range(max(len(expected), len(found))):
        if number >= len(found):
            yield translate_key("mart_tests.missing", row=_text(expected[number]))
        elif number >= len(expected):
            yield translate_key("mart_tests.extra", row=_text(found[number]))
        else:
            yield from _cells(str(number + 1), expected[number], found[number])


def _by_key(expected: Sequence[Row], found: Sequence[Row], grain: Sequence[str]) -> Iterator[str]:
    key = [column for column in grain if all(column in row for row in expected)]
    left = list(found)
    for row in expected:
        same = next((each for each in left if _same(row, each)), None)
        like = same or next((each for each in left if key and _same({name: row[name] for name in key}, each)), None)
        if like is None:
            yield translate_key("mart_tests.missing", row=_text(row))
            continue
        left.remove(like)
        if same is None:
            yield from _cells(_text({name: row[name] for name in key}), row, like)
    yield from (translate_key("mart_tests.extra", row=_text(row)) for row in left)


def _cells(name: str, expected: Row, found: Row) -> Iterator[str]:
    for column, value in expected.items():
        if not _equal(value, found.get(column)):
            values = {"row": name, "column": column, "expected": _shown(value), "found": _shown(found.get(column))}
            yield translate_key("mart_tests.differs", **values)


def _same(expected: Row, found: Row) -> bool:
    return all(_equal(value, found.get(column)) for column, value in expected.items())


def _equal(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_CLOSE, abs_tol=0.0) or (math.isnan(one) and math.isnan(other))
    return one == other


def _text(row: Row) -> str:
    return ", ".join(f"{name}={_shown(value)}" for name, value in row.items())


def _shown(value: object) -> str:
    return "null" if value is None else str(value)
