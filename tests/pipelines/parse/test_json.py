"""JSON: every leaf as the text that it was, under its dotted path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.parse import json_stream, row_buffer
from tests.thorough import examples

NAMES = st.text(st.characters(exclude_characters=".", codec="utf-8"), min_size=1, max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8"), max_size=8)
NESTED = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
RECORDS = st.lists(st.dictionaries(NAMES, NESTED, max_size=4), max_size=5)


def leaves(value: Any, path: str = "") -> dict[str, str | None]:
    if isinstance(value, dict):
        members = ((f"{path}.{name}".removeprefix("."), member) for name, member in value.items())
    elif isinstance(value, list):
        members = ((f"{path}.{index}", member) for index, member in enumerate(value))
    else:
        return {path: value if value is None or isinstance(value, str) else json.dumps(value)}
    return {leaf: text for name, member in members for leaf, text in leaves(member, name).items()}


@settings(max_examples=examples(26, 80), deadline=None)
@given(records=RECORDS, chunk=st.sampled_from([1, 2, 7, 1 << 20]), indent=st.none() | st.just(1), escaped=st.booleans())
def test_every_leaf_is_kept_however_the_bytes_are_cut(
    parser: Any, records: list[Any], chunk: int, indent: int | None, escaped: bool
) -> None:
    body = {"before": {"rows": [1]}, "data": {"n": 1, "rows": records}, "after": [{}, "]"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        outcome = parser(
            json.dumps(body, indent=indent, ensure_ascii=escaped).encode(),
            format={"type": "json", "records": "data.rows"},
        )
    expected = [leaves(record) for record in records]
    columns = list(dict.fromkeys(column for row in expected for column in row))
    assert list(outcome.parsed.columns) == columns
    assert outcome.rows == [tuple(row.get(column) for column in columns) for row in expected]
    assert outcome.lines == list(range(1, len(records) + 1))


@settings(max_examples=examples(20, 60), deadline=None)
@given(records=RECORDS.filter(bool), share=st.floats(0, 1))
def test_a_cut_document_is_never_half_taken(parser: Any, records: list[Any], share: float) -> None:
    whole = json.dumps({"rows": records}).encode()
    cut = whole[: int(len(whole) * share)]
    problem = parser(cut, format={"type": "json", "records": "rows"}).parsed.problem
    assert (problem is None) == (cut == whole)


def test_numbers_keep_every_digit(parser: Any) -> None:
    numbers = ["1.50", "1e5", "-0", "123456789012345678901234567890", "0.10000000000000000001", "NaN", "-Infinity"]
    body = ('[{"v": ' + '}, {"v": '.join(numbers) + "}]").encode()
    assert parser(body, format="json").rows == [(number,) for number in numbers]


def test_absent_null_and_empty_are_told_apart(parser: Any) -> None:
    outcome = parser(b'[{"a": null, "b": ""}, {"c": true, "d": []}, {"a": {}, "b": false}]', format="json")
    assert outcome.parsed.columns == ("a", "b", "c")
    assert outcome.rows == [(None, "", None), (None, None, "true"), (None, "false", None)]


def test_records_may_be_lists_or_values(parser: Any) -> None:
    assert parser(b"[[1, [2, 3]], [4]]", format="json").rows == [("1", "2", "3"), ("4", None, None)]
    assert parser(b'["a", 2]', format="json").rows == [("a",), ("2",)]
    assert parser(b'{"a": 1}', format="json").rows == [("1",)]


def test_explode_makes_a_row_of_each_inner_item(parser: Any) -> None:
    body = json.dumps(
        {"rows": [{"id": 1, "in": {"items": [{"v": 1}, {"v": 2}]}}, {"id": 2, "in": {"items": [], "x": 1}}]}
    )
    outcome = parser(body.encode(), format={"type": "json", "records": "rows", "explode": "in.items"})
    assert outcome.parsed.columns == ("id", "in.items.v")
    assert outcome.rows == [("1", "1"), ("1", "2")]
    assert outcome.parsed.report["skipped"] == [{"row": 3, "text": "", "why": "record without rows"}]


def test_a_list_on_the_way_makes_rows_too_and_loses_no_item(parser: Any) -> None:
    parks = [{"no": "a", "lots": [{"free": 1}, {"free": 2}]}, {"no": "b", "lots": []}, {"no": "c", "lots": None}]
    body = json.dumps({"items": [{"at": "now", "parks": parks}]}).encode()
    outcome = parser(body, format={"type": "json", "records": "items", "explode": "parks.lots"})
    assert outcome.parsed.columns == ("at", "parks.no", "parks.lots.free")
    assert outcome.rows == [("now", "a", "1"), ("now", "a", "2"), ("now", "b", None), ("now", "c", None)]


def test_an_item_without_the_inner_list_is_a_fault(parser: Any) -> None:
    body = b'{"items": [{"parks": [{"no": "a"}]}]}'
    problem = parser(body, format={"type": "json", "records": "items", "explode": "parks.lots"}).parsed.problem
    assert problem.code == "JSON_NO_RECORDS"


def test_json_lines_are_placed_by_their_line(parser: Any) -> None:
    outcome = parser(b'{"a": 1}\n\n{"a": 2, "b": "x"}\r\n', format={"type": "json", "lines": True})
    assert (outcome.rows, outcome.lines) == ([("1", None), ("2", "x")], [1, 3])


def test_pages_are_one_table_with_the_columns_of_all(parser: Any) -> None:
    outcome = parser(
        b'{"r": [{"a": 1}]}', b'{"r": [{"b": 2}, {"a": 3}]}', b'{"r": []}', format={"type": "json", "records": "r"}
    )
    assert outcome.rows == [("1", None), (None, "2"), ("3", None)]
    assert outcome.frame.select("_part", "_row").rows() == [("1", 1), ("2", 1), ("2", 2)]


def test_more_records_than_a_batch_stay_in_order(parser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_buffer, "BATCH_ROWS", 100)
    records = [{"n": number, f"c{number // 100}": "x"} for number in range(250)]
    outcome = parser(json.dumps(records).encode(), format="json")
    assert outcome.parsed.columns == ("n", "c0", "c1", "c2")
    assert outcome.frame["n"].to_list() == [str(number) for number in range(250)]


def test_no_records_are_no_rows_and_told(parser: Any) -> None:
    outcome = parser(b'{"r": null}', format={"type": "json", "records": "r"})
    assert (outcome.parsed.rows, outcome.parsed.columns) == (0, ())
    assert outcome.parsed.report["notices"][0]["code"] == "HEADER_ONLY"


def test_real_documents_are_read_whole(parser: Any, shared_data: Path) -> None:
    body = (shared_data / "air_cnemc/all_stations_snapshot.json").read_bytes()
    outcome = parser(body, format={"type": "json", "records": "features"})
    assert outcome.parsed.rows == 1495
    assert outcome.frame["properties.pm10"][0] == "-;"
    assert outcome.frame["geometry.coordinates.1"][0] == "39.8673"


def test_a_geometry_is_one_column_and_a_point_has_its_coordinates_too(parser: Any) -> None:
    ring = '{"type":"Polygon","coordinates":[[[0.10,0],[0,1],[1,1],[0.10,0]]]}'
    point = '{"type":"Point","coordinates":[116.40,39.9]}'
    body = ",".join(f'{{"geometry":{each}}}' for each in (ring, point, "null"))
    frame = parser(f'{{"features":[{body}]}}'.encode(), format={"type": "json", "records": "features"}).frame
    assert frame["geometry"].to_list() == [ring, point, None]
    assert frame["geometry.coordinates.0"].to_list() == [None, "116.40", None]
    assert set(frame.columns) == {
        "geometry", "geometry.type", "geometry.coordinates.0", "geometry.coordinates.1",
        "_part", "_row", "_receipt", "_source",
    }  # fmt: skip


def test_the_vertices_of_a_geometry_can_make_the_rows(parser: Any) -> None:
    body = b'{"n":1,"geometry":{"type":"MultiPoint","coordinates":[[1.0,2],[3,4]]}}'
    outcome = parser(body, format={"type": "json", "explode": "geometry.coordinates"})
    assert outcome.rows == [("1", "MultiPoint", "1.0", "2"), ("1", "MultiPoint", "3", "4")]


def test_what_only_looks_like_a_geometry_is_flattened(parser: Any) -> None:
    body = b'{"a":{"type":"Line","coordinates":[1]},"b":{"type":"LineString","coordinates":["x"]}}'
    assert parser(body, format="json").parsed.columns == ("a.type", "a.coordinates.0", "b.type", "b.coordinates.0")


ENVELOPE = {"field": "code", "success": [2000], "message": "msg"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"code": 2000, "rows": [{"a": 1}]}', None),
        (b'{"rows": [{"a": 1}], "code": "2000"}', None),
        (b'{"code": 5001, "msg": "\xe6\x9c\xaa\xe7\x99\xbb\xe5\xbd\x95", "rows": []}', "未登录"),
        (b'{"code": true, "rows": [{"a": 1}]}', "code = true"),
        (b'{"rows": [{"a": 1}]}', "code = none"),
    ],
)
def test_a_saved_answer_that_failed_is_told_by_its_own_message(parser: Any, body: bytes, message: str | None) -> None:
    problem = parser(body, format={"type": "json", "records": "rows"}, envelope=ENVELOPE).parsed.problem
    assert (problem and (problem.code, problem.values["message"])) == (message and ("ENVELOPE_FAILED", message))


def test_a_broken_document_is_told_as_broken_before_its_envelope(parser: Any) -> None:
    problem = parser(b'{"msg": 1, ', format={"type": "json", "records": "rows"}, envelope=ENVELOPE).parsed.problem
    assert problem.code == "JSON_BROKEN"


@pytest.mark.parametrize(
    "body",
    [b'{"rows": [{"a": 1}], "rows": [{"a": 2}]}', b'{"n": 1, "n": 2, "rows": []}', b'{"rows": [], "x": 1, "x": 2}'],
)
def test_a_member_that_comes_twice_around_the_records_is_told(parser: Any, body: bytes) -> None:
    problem = parser(body, format={"type": "json", "records": "rows"}).parsed.problem
    assert problem.code == "JSON_COLUMN_CLASH"


@pytest.mark.parametrize("unwrap", [[], ["data"]])
def test_half_a_character_is_told_with_what_stands_beside_it(parser: Any, unwrap: list[str]) -> None:
    rows = [{"a": "whole"}, {"a": "好 cut here \ud83d"}]
    body = {"data": json.dumps(rows)} if unwrap else {"data": rows}
    form = {"type": "json", "records": "data", "unwrap": unwrap}
    problem = parser(json.dumps(body).encode(), format=form).parsed.problem
    assert problem.code == "TEXT_HALF_CHARACTER"
    assert r"cut here \ud83d" in problem.values["near"]
