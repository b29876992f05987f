"""JSON in texts in JSON, when it is parsed: the same records as without the texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.pull.http.decode_nested_json import decode_nested_json

FORMAT = {"type": "json", "records": "data.data.list", "unwrap": ["data", "data.data"]}
ENVELOPE = [{"field": "code", "success": [200]}, {"field": "data.code", "success": ["1"], "message": "data.msg"}]


def wrapped(rows: Any, code: str = "1") -> bytes:
    inner = json.dumps({"code": code, "msg": "系统繁忙", "data": json.dumps({"list": rows}, ensure_ascii=False)})
    return json.dumps({"code": 200, "data": inner}).encode()


def test_records_in_texts_are_read_as_they_are_written(parser: Any) -> None:
    rows = [{"n": 1, "x": {"a": 1.50, "b": [True, None]}}, {"n": "2", "名": "中"}]
    plain = parser(json.dumps(rows).encode(), format={"type": "json"})
    inner = parser(wrapped(rows), format=FORMAT, envelope=ENVELOPE)
    assert inner.parsed.problem is None
    assert inner.rows == plain.rows


def test_numbers_keep_their_digits_within_texts(parser: Any) -> None:
    body = b'{"data": "[{\\"n\\": 110000190001010012, \\"x\\": 1.10}]"}'
    read = parser(body, format={"type": "json", "records": "data", "unwrap": ["data"]})
    assert read.frame.select("n", "x").rows() == [("110000190001010012", "1.10")]


def test_an_inner_envelope_that_failed_is_told(parser: Any) -> None:
    problem = parser(wrapped([], code="0"), format=FORMAT, envelope=ENVELOPE).parsed.problem
    assert (problem.code, problem.values["message"]) == ("ENVELOPE_FAILED", "系统繁忙")


@pytest.mark.parametrize(("rows", "fails"), [([{"a": 1}], False), ([], False), (None, True)])
def test_a_rule_without_success_wants_the_member_there(parser: Any, rows: Any, fails: bool) -> None:
    body = json.dumps({"rows": rows, "msg": "appkey无效"}).encode()
    read = parser(body, format={"type": "json", "records": "rows"}, envelope={"field": "rows", "message": "msg"})
    problem = read.parsed.problem
    assert (problem is not None and problem.values["message"] == "appkey无效") is fails


@pytest.mark.parametrize("text", ["[{]", '[{"a": 1, "a": 2}]', "[" * 100_000])
def test_a_text_that_is_broken_json_is_told(parser: Any, text: str) -> None:
    body = json.dumps({"data": text}).encode()
    problem = parser(body, format={"type": "json", "records": "data", "unwrap": ["data"]}).parsed.problem
    assert problem.code == "JSON_BROKEN"


LINES = {"type": "json", "lines": True, "unwrap": ["payload", "payload.reading"]}


def test_a_text_in_a_line_gives_the_columns_that_its_object_would(parser: Any) -> None:
    inner = {"n": 1, "reading": json.dumps({"t": 21.50, "tags": ["a"]})}
    lines = [{"topic": "f/1", "payload": json.dumps(inner)}, {"topic": "f/2", "payload": {"n": 2, "reading": {"t": 3}}}]
    read = parser("\n".join(json.dumps(line) for line in lines).encode(), format=LINES)
    assert read.frame.select("topic", "payload.n", "payload.reading.t", "payload.reading.tags.0").rows() == [
        ("f/1", "1", "21.5", "a"),
        ("f/2", "2", "3", None),
    ]


@pytest.mark.parametrize("text", ['{"n": 1', '{"n": 1, "n": 2}', "[" * 100_000, "offline", ""])
def test_a_broken_text_in_a_line_is_a_text_and_spoils_no_other_line(parser: Any, text: str) -> None:
    lines = [{"payload": text}, {"payload": '{"n": 2}'}]
    read = parser("\n".join(json.dumps(line) for line in lines).encode(), format={**LINES, "unwrap": ["payload"]})
    assert read.parsed.problem is None
    assert read.frame["payload.n"].to_list() == [None, "2"]
    assert (read.frame["payload"].to_list()[0] or "") == text


def test_a_path_that_no_line_has_is_reported(parser: Any) -> None:
    read = parser(b'{"payload": 1}', format={**LINES, "unwrap": ["body"]})
    assert [notice.code for notice in read.parsed.notices] == ["JSON_UNWRAP_ABSENT"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(
    value=st.lists(json_values, max_size=3) | st.dictionaries(st.text(), json_values, max_size=3),
    depth=st.integers(0, 3),
)
def test_however_often_it_is_wrapped_the_value_comes_out(value: Any, depth: int) -> None:
    text: Any = value
    for _ in range(depth):
        text = json.dumps(text)
    document = {"code": 1, "data": text, "other": [1]}
    assert decode_nested_json(document, ["data"]) == {**document, "data": value}
    assert decode_nested_json({"a": document}, ["a.data"]) == {"a": {**document, "data": value}}


@given(value=json_values)
def test_what_is_no_text_or_no_json_stays(value: Any) -> None:
    kept = {"data": value, "said": "未订阅 {"}
    assert decode_nested_json(kept, ["said", "none", "none.below", "said.below"]) == kept


@pytest.mark.parametrize(
    ("path", "told"), [("data", []), ("payload", ["JSON_UNWRAP_ABSENT"]), ("a.data", ["JSON_UNWRAP_ABSENT"])]
)
def test_a_path_to_unwrap_that_is_not_there_is_reported(parser: Any, path: str, told: list[str]) -> None:
    body = json.dumps({"data": "[1]", "rows": [{"n": 1}]}).encode()
    read = parser(body, format={"type": "json", "records": "rows", "unwrap": [path]})
    assert [notice["code"] for notice in read.parsed.report["notices"]] == told
    assert read.parsed.rows == 1
