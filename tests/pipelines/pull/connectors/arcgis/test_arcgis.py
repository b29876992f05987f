"""``arcgis``: every feature by whatever way the layer can be read, or the receipt says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

CASES = "/arcgis/rest/services/Cases"
WAYS = {"offset": f"{CASES}/FeatureServer", "ids": f"{CASES}/MapServer"}


@pytest.fixture
def cases(standin_folder: Path) -> int:
    return len(json.loads((standin_folder / "api/hotline.json").read_bytes()))


def ids(receipt: Any) -> list[int]:
    pages = (json.loads(Path(path).read_bytes()) for path in receipt.landing)
    return [feature["attributes"]["OBJECTID"] for page in pages for feature in page["features"]]


def layer(reply: Any, query: Callable[[Any], Any], **metadata: Any) -> Any:
    """A layer with the key ``id``; ``query`` answers what is asked below ``/query``."""
    told = {"objectIdField": "id", "maxRecordCount": 2, **metadata}
    return lambda asked: reply(query(asked) if asked.path.endswith("/query") else told)


def test_a_layer_with_offsets_is_read_page_by_page(puller: Any, standin: str, cases: int) -> None:
    receipt = puller.one("arcgis", url=standin + WAYS["offset"])
    assert (receipt.status, receipt.proof, receipt.name) == ("received", "count", "Cases/FeatureServer/0")
    assert (receipt.declared_count, receipt.stored_count) == (cases, cases)
    assert len(receipt.landing) == -(-cases // 100)
    assert ids(receipt) == sorted(set(ids(receipt)))


def test_a_layer_without_offsets_is_read_by_windows_of_its_ids(puller: Any, standin: str, cases: int) -> None:
    receipt = puller.one("arcgis", url=standin + WAYS["ids"], per_second=1000)
    assert (receipt.status, receipt.proof) == ("received", "count")
    assert (receipt.declared_count, receipt.stored_count) == (cases, cases)
    assert len(set(ids(receipt))) == cases


def test_a_layer_that_tells_neither_count_nor_ids_is_read_by_spans_of_ids(
    puller: Any, standin: str, cases: int
) -> None:
    receipt = puller.one("arcgis", url=standin + WAYS["ids"], layer=1, per_second=1000)
    assert (receipt.status, receipt.proof) == ("received", "keyset")
    assert (receipt.declared_count, receipt.stored_count) == (None, cases)
    assert len(set(ids(receipt))) == cases


@pytest.mark.parametrize("way", WAYS)
def test_an_empty_layer_is_a_page_without_features(puller: Any, standin: str, way: str) -> None:
    receipt = puller.one("arcgis", url=standin + WAYS[way], where="OBJECTID < 0")
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 0, 0)
    assert len(receipt.landing) == 1


def test_only_the_chosen_attributes_and_the_key_are_asked_for(puller: Any, city: Any, reply: Any) -> None:
    city.answer = layer(
        reply, lambda asked: {"count": 0, "features": []}, advancedQueryCapabilities={"supportsPagination": True}
    )
    puller.one("arcgis", url=f"{city.url}/S/FeatureServer", fields=["name"], edited="when", where="kind = 'a'")
    pages = [asked.params for asked in city.asked if "outFields" in asked.params]
    assert [(page["outFields"], page["where"], page["orderByFields"]) for page in pages] == [
        ("name,id,when", "kind = 'a'", "id ASC")
    ]


def test_a_short_page_is_no_end_and_a_full_one_neither(puller: Any, standin: str, cases: int) -> None:
    receipt = puller.one("arcgis", url=f"{standin}/with/short_page{WAYS['offset']}")
    assert (receipt.status, receipt.stored_count) == ("received", cases)
    assert len(receipt.landing) == -(-cases // 50)


def test_a_window_that_the_server_cannot_send_whole_is_asked_for_by_halves(puller: Any, city: Any, reply: Any) -> None:
    def query(asked: Any) -> Any:
        if "returnIdsOnly" in asked.params:
            return {"objectIds": [4, 1, 3, 2]}
        if "returnCountOnly" in asked.params:
            return {"count": 4}
        low, high = (int(text.split()[-1]) for text in asked.params["where"].split(") AND ")[1].split(" AND "))
        found = [{"attributes": {"ID": n}} for n in range(low, high + 1)]
        return {"features": found[:1], "exceededTransferLimit": len(found) > 1}

    city.answer = layer(reply, query)
    receipt = puller.one("arcgis", url=f"{city.url}/S/MapServer")
    assert (receipt.status, receipt.stored_count) == ("received", 4)


def test_fewer_features_than_counted_are_incomplete_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    rows = [{"attributes": {"id": n}} for n in range(2)]
    city.answer = layer(reply, lambda asked: {"count": 3, "features": rows}, supportsPagination=True)
    receipt = puller.one("arcgis", url=f"{city.url}/S/FeatureServer")
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 3, 2)
    assert (receipt.problem.code, len(receipt.landing)) == ("COUNT_DIFFERS", 1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("shift:4+", "ROWS_SHIFTED"), ("repeated_page:4", "PAGE_REPEATED"), ("endless_next", "ARCGIS_STUCK")],
)
def test_pages_that_do_not_fit_together_are_incomplete(puller: Any, standin: str, fault: str, code: str) -> None:
    receipt = puller.one("arcgis", url=f"{standin}/with/{fault}{WAYS['offset']}")
    assert (receipt.status, receipt.problem.code) == ("incomplete", code)
    assert receipt.stored_count == len(ids(receipt))
    assert (receipt.cursor is None) == (code == "ROWS_SHIFTED")


def test_a_count_written_as_text_is_a_count(puller: Any, standin: str, cases: int) -> None:
    assert puller.one("arcgis", url=f"{standin}/with/text_counts{WAYS['offset']}").declared_count == cases


@pytest.mark.parametrize("fault", ["503:3", "429:3", "cut:3", "error_200:3", "gzip", "slow", "skew", "wrong_type"])
def test_faults_that_heal_leave_no_trace(puller: Any, standin: str, cases: int, fault: str) -> None:
    receipt = puller.one("arcgis", url=f"{standin}/with/{fault}{WAYS['ids']}")
    assert (receipt.status, receipt.stored_count) == ("received", cases)


def test_a_login_page_is_told_by_its_beginning(puller: Any, standin: str) -> None:
    receipt = puller.one("arcgis", url=f"{standin}/with/login{WAYS['ids']}", attempts=2)
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_NOT_JSON")
    assert "Login" in receipt.problem.values["start"]


@pytest.mark.parametrize("code", [498, 499])
def test_a_token_that_is_refused_under_200_is_final_and_names_the_connection(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_GIS", json.dumps({"params": {"token": "tok-secret-1"}}))
    city.answer = lambda asked: reply(
        {"error": {"code": code, "message": f"Invalid token {asked.params['token']}", "details": []}}
    )
    receipt = puller.one("arcgis", url=f"{city.url}/S/FeatureServer", connection="gis")
    assert (receipt.status, receipt.problem.code, len(city.asked)) == ("failed", "ARCGIS_TOKEN", 1)
    assert (receipt.problem.values["error"], receipt.problem.values["connection"]) == (code, "gis")
    assert "tok-secret-1" not in repr(receipt)


def test_a_request_that_is_refused_under_200_is_final_and_told_in_the_servers_words(
    puller: Any, city: Any, reply: Any
) -> None:
    city.answer = lambda asked: reply(
        {"error": {"code": 400, "message": "Bad", "details": ["no field x", "no field x"]}}
    )
    problem = puller.one("arcgis", url=f"{city.url}/S/FeatureServer").problem
    assert (problem.code, problem.values["error"], problem.values["message"]) == (
        "ARCGIS_FAILED",
        400,
        "Bad; no field x",
    )
    assert len(city.asked) == 1


def test_a_feature_without_the_key_and_a_layer_without_one_are_told(puller: Any, city: Any, reply: Any) -> None:
    city.answer = layer(
        reply, lambda asked: {"count": 1, "features": [{"attributes": {"a": 1}}]}, supportsPagination=True
    )
    problem = puller.one("arcgis", url=f"{city.url}/S/FeatureServer").problem
    assert (problem.code, problem.values["attribute"]) == ("ARCGIS_NO_ATTRIBUTE", "id")
    city.answer = lambda asked: reply({"fields": []})
    assert puller.one("arcgis", url=f"{city.url}/T/FeatureServer").problem.code == "ARCGIS_NO_KEY"


@pytest.mark.parametrize("way", WAYS)
def test_a_pull_that_broke_off_goes_on_where_it_stopped(puller: Any, standin: str, cases: int, way: str) -> None:
    url = f"{standin}/with/503:6@resume-{way}{WAYS[way]}"
    broken = puller.one("arcgis", url=url, attempts=1, page_size=50, per_second=1000)
    assert (broken.status, broken.problem.code, broken.cursor["way"]) == ("incomplete", "HTTP_REFUSED", way)
    puller.leave([broken])
    whole = puller.one("arcgis", url=url, attempts=1, page_size=50, per_second=1000)
    assert (whole.status, whole.stored_count) == ("received", cases)
    assert len(ids(whole)) == len(set(ids(whole))) == cases


def test_a_layer_that_pages_otherwise_than_before_begins_anew(puller: Any, city: Any, reply: Any) -> None:
    def query(asked: Any) -> Any:
        at = int(asked.params.get("resultOffset", 0))
        return {"count": 4, "features": [{"attributes": {"id": at}}], "exceededTransferLimit": at < 3} if at < 1 else 0

    city.answer = layer(reply, query, supportsPagination=True)
    puller.leave([puller.one("arcgis", url=f"{city.url}/S/FeatureServer", attempts=1)])
    city.answer = layer(reply, lambda asked: {"objectIds": [0], "count": 1, "features": []})
    changed = puller.one("arcgis", url=f"{city.url}/S/FeatureServer", attempts=1)
    assert (changed.problem.code, changed.cursor) == ("ARCGIS_CHANGED", None)


def test_the_number_of_the_layer_does_not_belong_into_the_url(puller: Any) -> None:
    with pytest.raises(ValidationError, match="layer"):
        puller.one("arcgis", url="http://127.0.0.1/S/FeatureServer/3")
