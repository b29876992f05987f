"""The words of a refusal are taken out of its document; what is none is left as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.pull.http.error_message import parse_error_message

DOCUMENTS: list[tuple[Any, str | None]] = [
    ({"success": False, "error": {"__type": "Not Found Error", "message": "no"}}, "Not Found Error: no"),
    (
        {"error": {"__type": "Validation Error", "limit": ["Invalid integer"], "sort": ["a", "b"]}},
        "Validation Error: limit: Invalid integer; sort: a b",
    ),
    ({"error": {"message": "no"}}, "no"),
    ({"success": False}, None),
    (
        {"code": "dataset.missing", "error": True, "message": "Not found", "data": {"id": "x"}},
        "dataset.missing: Not found",
    ),
    ({"title": "Bad Request Data", "detail": "no such type", "status": 400}, "Bad Request Data: no such type"),
    ({"code": 404, "type": "error", "message": "Nothing found"}, "404: Nothing found"),
    ({"error": "rate limit"}, "rate limit"),
    ([1], None),
]


@pytest.mark.parametrize(("document", "words"), DOCUMENTS)
def test_the_words_of_a_refusal(document: Any, words: str | None) -> None:
    assert parse_error_message(json.dumps(document)) == words


LEAVES = st.none() | st.booleans() | st.sampled_from(["", "x", "不"]) | st.integers()
MEMBERS = st.sampled_from(["error", "message", "__type", "code", "title", "detail", "a"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(MEMBERS, inner), max_leaves=6)


@given(st.sampled_from(["", "{", "<html>"]) | VALUES.map(json.dumps))
def test_any_body_has_words_or_none(body: str) -> None:
    assert parse_error_message(body) is None or isinstance(parse_error_message(body), str)
