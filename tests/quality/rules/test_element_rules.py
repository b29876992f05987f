"""What an element says of its values becomes rules over columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from citylake.quality.rules.element_rules import element_rules
from citylake.schemas.model.element import DataElement


def element(**attributes: Any) -> DataElement:
    words = {"zh": "测", "en": "test"}
    base = {
        "id": "test.one",
        "symbol": "one",
        "name": words,
        "definition": words,
        "object_class": "测",
        "property": "测",
    }
    return DataElement.model_validate({**base, "representation": "name", "type": "string", **attributes})


def broken(attributes: dict[str, Any], values: list[Any], dtype: Any = pl.String) -> dict[str, list[bool | None]]:
    frame = pl.DataFrame({"one": pl.Series(values, dtype=dtype)})
    return {
        rule.code: frame.select(rule.broken).to_series().to_list()
        for rule in element_rules(element(**attributes), "one")
    }


def test_a_range_includes_its_ends_and_leaves_null_unknown() -> None:
    told = broken({"type": "decimal", "range": [0, 200]}, [0.0, 200.0, -0.1, 200.1, None], pl.Float64)
    assert told == {"VALUE_OUT_OF_RANGE": [False, False, True, True, None]}


def test_a_range_may_be_open_at_one_end() -> None:
    assert broken({"type": "integer", "range": [0, None]}, [-1, 10**9], pl.Int64) == {
        "VALUE_OUT_OF_RANGE": [True, False]
    }


def test_a_pattern_is_matched_as_it_is_written() -> None:
    assert broken({"pattern": "^[0-9]{6}$"}, ["990101", "99010", None])["PATTERN_MISMATCH"] == [False, True, None]


@pytest.mark.parametrize(
    ("form", "text", "code"), [("an..3", "abcd", "VALUE_TOO_LONG"), ("an3..8", "ab", "VALUE_TOO_SHORT")]
)
def test_the_format_bounds_the_length_in_characters(form: str, text: str, code: str) -> None:
    assert broken({"format": form}, [text, "临江区"])[code] == [True, False]


def test_a_text_of_digits_holds_digits_only_and_keeps_its_zeros() -> None:
    assert broken({"representation": "number", "format": "n6"}, ["012345", "12345x"])["PATTERN_MISMATCH"] == [
        False,
        True,
    ]


def test_times_and_dates_must_be_plausible() -> None:
    times = [datetime(1900, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
    told = broken({"type": "datetime", "representation": "datetime"}, times, pl.Datetime("us", "UTC"))
    assert told == {"VALUE_OUT_OF_RANGE": [True, False, True]}
    dates = [date(1900, 1, 1), date(9999, 12, 31)]
    assert broken({"type": "date", "representation": "date"}, dates, pl.Date) == {"VALUE_OUT_OF_RANGE": [False, True]}


def test_codes_have_no_length_of_their_own() -> None:
    assert broken({"representation": "code", "codes": "test.list", "format": "n2"}, ["abc"]) == {}
