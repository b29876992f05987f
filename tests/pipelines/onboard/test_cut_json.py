"""A document of which only the beginning was received is recognized by what is in it."""

from __future__ import annotations

import json
import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.onboard.cut_json import complete_cut_json
from citylake.pipelines.onboard.detect_content import detect_content
from citylake.pipelines.onboard.field_facts import named_fields
from citylake.pipelines.onboard.recognize_source import recognize_source
from citylake.pipelines.onboard.source_sample import sample_source
from citylake.pipelines.pull.http.response_head import ResponseHead
from citylake.schemas.read.registry import Registry
from tests.drafted import draft_contract

MEMBERS = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.none(), max_size=4)


def head(body: bytes, *, whole: bool = False) -> ResponseHead:
    return ResponseHead("http://city/x", 200, {}, body, whole)


@given(st.lists(MEMBERS, min_size=1, max_size=6), st.data())
def test_a_cut_document_has_a_beginning_of_its_records(rows: list[dict[str, Any]], data: Any) -> None:
    body = json.dumps({"data": {"rows": rows}, "total": len(rows)}).encode()
    found = complete_cut_json(body[: data.draw(st.integers(0, len(body)))])
    records = found["data"]["rows"] if found else []
    assert all(row == whole or row.items() <= whole.items() for row, whole in zip(records, rows, strict=False))


def test_records_are_found_in_a_cut_document_and_its_total_is_no_paging() -> None:
    rows = [{"id": number, "speed": 1} for number in range(100)]
    body = json.dumps({"data": {"rows": rows}, "total": 100}).encode()
    source = detect_content(head(body[:2000])).source
    assert (source["connector"], source["format"]) == ("http", {"type": "json", "records": "data.rows"})


def test_cut_lines_of_json_are_lines() -> None:
    body = b"\n".join(json.dumps({"id": number}).encode() for number in range(100))
    assert detect_content(head(body[:500])).source["format"] == {"type": "json", "lines": True}


def test_a_document_above_one_mebibyte_is_drafted_soon(city: Any, reply: Any, registry: Registry) -> None:
    ring = [[116.0 + number / 1e4, 39.0] for number in range(300)]
    rows = [{"id": number, "speed": 40, "shape": {"rings": [ring]}} for number in range(150)]
    city.answer = lambda _asked: reply({"data": {"rows": rows}})
    start = time.monotonic()
    guess = recognize_source(f"{city.url}/rows.json")
    drafted = draft_contract("a.b", guess.source, sample_source(guess.source, {}), registry)
    assert time.monotonic() - start < 30
    assert "records: data.rows" in drafted
    assert "shape.rings.0.7.0" not in drafted
    assert "shape.rings.*" in drafted


def test_items_of_long_lists_have_no_names() -> None:
    vertices = [f"shape.{number}.x" for number in range(40)]
    hours = [f"hour.{number}" for number in range(12)]
    assert named_fields(["id", *vertices, *hours]) == ["id", *hours]


def things(total: int, reply: Any, url: str, **extra: Any) -> Any:
    def answer(asked: Any) -> Any:
        skip = int(asked.params.get("$skip", 0))
        page = {"value": [{"@iot.id": number} for number in range(total)][skip : skip + 100], **extra}
        more = {"@iot.nextLink": f"{url}/v1.1/Datastreams?$top=100&$skip={skip + 100}"} if skip + 100 < total else {}
        return reply({**page, **more})

    return answer


def test_a_draft_of_sensorthings_names_every_datastream(city: Any, reply: Any) -> None:
    city.answer = things(102, reply, city.url)
    guess = recognize_source(f"{city.url}/v1.1")
    assert guess.source["datastreams"] == list(range(102))
    assert guess.left_out == 0


def test_datastreams_that_are_left_out_are_counted(city: Any, reply: Any) -> None:
    city.answer = things(100, reply, city.url, **{"@iot.count": 137})
    assert recognize_source(f"{city.url}/v1.1").left_out == 37
