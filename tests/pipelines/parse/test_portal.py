"""A portal's table: what it declares is there, be there values or not."""

from __future__ import annotations

import json
from typing import Any

import pytest


def head(records: str | None = None, **types: str) -> bytes:
    columns = [{"name": name, "type": kind} for name, kind in types.items()]
    return json.dumps({"records": records, "columns": columns}).encode()


def test_pages_are_one_table_with_every_declared_column(parser: Any) -> None:
    pages = (b'[{"a":"1","c":"x"}]', b'[{"a":"2"}]')
    found = parser(head(a="number", b="text", c="text"), *pages, format="portal")
    assert found.parsed.columns == ("a", "c", "b")
    assert [row[:3] for row in found.rows] == [("1", "x", None), ("2", None, None)]
    assert found.frame["_part"].to_list() == ["1", "2"]


def test_objects_have_their_members_though_none_came(parser: Any) -> None:
    found = parser(head(p="point", l="location", s="polygon"), b"[]", format="portal")
    point, location = ("p.type", "p.coordinates.0", "p.coordinates.1", "p"), ("latitude", "longitude", "human_address")
    assert found.parsed.columns == (*point, *(f"l.{name}" for name in location), "s.type", "s")
    assert found.rows == []


def test_a_point_is_a_geometry_and_its_coordinates(parser: Any) -> None:
    page = b'[{"p":{"type":"Point","coordinates":[121.5,31.2]}}]'
    found = parser(head(p="point"), page, format="portal")
    assert dict(zip(found.parsed.columns, found.rows[0], strict=True)) == {
        "p": '{"type":"Point","coordinates":[121.5,31.2]}',
        "p.type": "Point",
        "p.coordinates.0": "121.5",
        "p.coordinates.1": "31.2",
    }


def test_an_object_that_came_is_not_a_column_of_its_own(parser: Any) -> None:
    found = parser(head(u="url"), b'[{"u":{"url":"https://example.org"}}]', format="portal")
    assert found.parsed.columns == ("u.url", "u.description")


def test_records_may_lie_deeper(parser: Any) -> None:
    page = b'{"result":{"records":[{"_id":1,"a":null}]}}'
    assert parser(head("result.records", _id="int", a="text"), page, format="portal").rows == [("1", None)]


def test_another_type_than_expected_is_a_notice(parser: Any) -> None:
    form = {"type": "portal", "types": {"a": "text", "b": "text", "gone": "text"}}
    report = parser(head(a="number", b="text"), b'[{"a":"1"}]', format=form).parsed.report
    assert report["notices"] == [{"code": "PORTAL_RETYPED", "file": "in/data.csv", "columns": "a: text → number"}]


@pytest.mark.parametrize("first", [b"a,b\n1,2\n", b"[1]", b'{"columns":[]}'])
def test_what_has_no_head_is_no_portals_table(parser: Any, first: bytes) -> None:
    assert parser(first, b"[]", format="portal").parsed.problem.code == "JSON_NO_RECORDS"


def test_a_column_of_our_own_may_not_be_declared(parser: Any) -> None:
    assert parser(head(_receipt="text"), b"[]", format="portal").parsed.problem.code == "COLUMN_RESERVED"
