"""Lists in JSON: joined to one text, or the columns of a table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

TAGS = {"type": "json", "lists": {"tags": ";"}}
HOURLY = {"type": "json", "columns": "hourly"}


def read(parser: Any, body: Any, format: dict[str, Any]) -> Any:  # noqa: A002 (the contract's word)
    return parser(json.dumps(body).encode(), format=format)


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (["a", "b"], "a;b"),
        (["a"], "a"),
        ([1, 2.50, True], "1;2.5;true"),
        (["a;b", "c"], '["a;b", "c"]'),
        (["a", None], '["a", null]'),
        (["a", ""], '["a", ""]'),
        ([], None),
        (None, None),
        ("x", "x"),
    ],
)
def test_a_list_of_scalars_is_one_text(parser: Any, tags: Any, text: str | None) -> None:
    outcome = read(parser, [{"id": 1, "tags": tags}], TAGS)
    assert outcome.parsed.columns == ("id", "tags")
    assert outcome.rows == [("1", text)]


def test_lists_of_objects_and_lists_that_are_not_named_keep_their_columns(parser: Any) -> None:
    outcome = read(parser, [{"tags": [{"n": "a"}], "other": ["x"]}], TAGS)
    assert outcome.parsed.columns == ("tags.0.n", "other.0")


def test_a_pattern_joins_the_lists_of_every_path_that_it_matches(parser: Any) -> None:
    body = [{"a": {"tags": ["x", "y"]}, "items": [{"tags": ["z", "w"]}], "plain": ["p", "q"]}]
    outcome = read(parser, body, {"type": "json", "lists": {"*.tags": "|"}})
    assert outcome.parsed.columns == ("a.tags", "items.0.tags", "plain.0", "plain.1")
    assert outcome.rows == [("x|y", "z|w", "p", "q")]


def test_the_list_that_makes_the_rows_is_not_joined(parser: Any) -> None:
    outcome = read(parser, [{"v": [1, 2], "w": [3, 4]}], {"type": "json", "explode": "v", "lists": {"*": ";"}})
    assert outcome.parsed.columns == ("w", "v")
    assert outcome.rows == [("3;4", "1"), ("3;4", "2")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C"])), min_size=1))
def test_a_joined_list_can_be_told_from_every_other(parser: Any, items: list[str]) -> None:
    ((text,),) = read(parser, [{"tags": items}], TAGS).rows
    assert text.split(";") == items or json.loads(text) == items


def test_columns_as_lists_become_rows(parser: Any) -> None:
    body = {
        "lat": 39.9,
        "units": {"pm10": "ug/m3"},
        "hourly": {"time": ["00:00", "01:00"], "pm10": [5, None], "model": "x"},
    }
    outcome = read(parser, body, HOURLY)
    assert outcome.parsed.columns == ("lat", "units.pm10", "hourly.model", "hourly.time", "hourly.pm10")
    assert outcome.rows == [("39.9", "ug/m3", "x", "00:00", "5"), ("39.9", "ug/m3", "x", "01:00", None)]


def test_lists_of_different_lengths_are_refused_and_named(parser: Any) -> None:
    problem = read(parser, {"hourly": {"time": ["00:00", "01:00"], "pm10": [5]}}, HOURLY).parsed.problem
    assert problem.code == "JSON_COLUMNS_UNEVEN"
    assert problem.values["lengths"] == "time (2), pm10 (1)"


def test_a_table_that_is_absent_is_named(parser: Any) -> None:
    problem = read(parser, {"daily": {}}, HOURLY).parsed.problem
    assert (problem.code, problem.values["path"]) == ("JSON_NO_RECORDS", "hourly")


def test_one_small_batch_is_written_once(parser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a spool file")

    monkeypatch.setattr("polars.DataFrame.write_parquet", refuse)
    assert read(parser, [{"id": 1}], TAGS).rows == [("1",)]
