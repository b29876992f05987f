"""Intervals of ISO 8601: both ends beside the text that came."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

FORMAT = {"type": "json", "intervals": ["time"]}
ENDS = st.text(st.characters(exclude_characters="/", codec="utf-8"), max_size=6)


def read(parser: Any, *records: dict[str, Any]) -> Any:
    return parser(json.dumps(records).encode(), format=FORMAT)


def test_an_interval_has_two_ends_and_an_instant_is_both(parser: Any) -> None:
    outcome = read(parser, {"time": "2026-03-01T00:00Z/2026-03-01T01:00Z"}, {"time": "2026-03-01T02:00Z"}, {"n": 1})
    assert outcome.parsed.columns == ("time", "n", "time.start", "time.end")
    assert outcome.rows == [
        ("2026-03-01T00:00Z/2026-03-01T01:00Z", None, "2026-03-01T00:00Z", "2026-03-01T01:00Z"),
        ("2026-03-01T02:00Z", None, "2026-03-01T02:00Z", "2026-03-01T02:00Z"),
        (None, "1", None, None),
    ]


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=5))
def test_the_ends_joined_again_are_what_came(parser: Any, pairs: list[tuple[str, str]]) -> None:
    outcome = read(parser, *({"time": f"{start}/{end}"} for start, end in pairs))
    assert outcome.rows == [(f"{start}/{end}", start, end) for start, end in pairs]


def test_what_is_no_time_is_kept_for_the_binding_to_judge(parser: Any) -> None:
    assert read(parser, {"time": "2026-03-01/PT1H"}, {"time": "soon"}).rows == [
        ("2026-03-01/PT1H", "2026-03-01", "PT1H"),
        ("soon", "soon", "soon"),
    ]


def test_a_record_without_the_member_gets_no_columns(parser: Any) -> None:
    assert read(parser, {"n": 1}).parsed.columns == ("n",)


def test_a_member_of_the_same_name_is_a_clash(parser: Any) -> None:
    problem = read(parser, {"time": "a/b"}, {"time": "c", "time.end": "d"}).parsed.problem
    assert (problem.code, problem.values["column"], problem.values["row"]) == ("JSON_COLUMN_CLASH", "time.end", 2)
