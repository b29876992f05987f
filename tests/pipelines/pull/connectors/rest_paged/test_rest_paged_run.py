"""Municipal portals through the whole run: healed and whole, or incomplete with exit code 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from citylake.infra.city.protocols.portal import APP_ID, APP_KEY, APP_SECRET, PORTAL_DATASET, PORTAL_INTERFACE
from tests.pipelines.pull.connectors.rotation import rotated

NAME = "service.cases"
KEYED = {
    "connector": "rest_paged",
    "url": "${CITY}/sz/api/" + PORTAL_DATASET + "/1/service.xhtml",
    "connection": "sz",
    "envelope": {"field": "data", "message": "message", "final": ["未订阅", "appkey无效"]},
    "paging": {"by": "page", "param": "page", "size_param": "rows", "size": 100, "total": "total"},
    "format": {"type": "json", "records": "data"},
    "attempts": 3,
    "per_second": 1000,
}
UNCOUNTED = {**KEYED, "paging": {**KEYED["paging"], "total": None}}  # type: ignore[dict-item]
LINKED = {
    **KEYED,
    "url": "${CITY}/sz/api/" + PORTAL_DATASET + "/links?page=1&rows=100",
    "paging": {"by": "link", "next": "next", "max_pages": 30},
}
SIGNED = {
    "connector": "rest_paged",
    "url": "${CITY}/zj/interface/gateway.do",
    "connection": "zj",
    "send": "form",
    "params": {
        "interface_id": PORTAL_INTERFACE,
        "version": "1.0",
        "charset": "UTF-8",
        "origin": "1",
        "biz_content": {"pageSize": 100},
    },
    "sign": {"url": "${CITY}/zj/jimp/sign/createsign.do", "into": "sign", "timestamp": "timestamp"},
    "envelope": [
        {"field": "code", "success": [200], "message": "msg"},
        {"field": "data.code", "success": ["1"], "message": "data.msg"},
    ],
    "paging": {"by": "page", "param": "biz_content.pageNumber", "total": "data.data.total"},
    "format": {"type": "json", "unwrap": ["data", "data.data"], "records": "data.data.list"},
    "attempts": 3,
    "per_second": 1000,
}
SOURCES = {"keyed": KEYED, "uncounted": UNCOUNTED, "linked": LINKED, "signed": SIGNED}
SECRETS = {
    "sz": {"params": {"appKey": APP_KEY}},
    "zj": {"params": {"app_id": APP_ID}, "sign": {"app_secret": APP_SECRET}},
}


@pytest.fixture(autouse=True)
def _connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(f"CITYLAKE_CONN_{name.upper()}", json.dumps(secret))
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


@pytest.fixture
def portal(trial: Any, standin: str, standin_folder: Any, request: pytest.FixtureRequest) -> Any:
    """``portal(source, faults)``: the outcome of a run, the receipt, and how many cases there are."""

    def run(source: dict[str, Any], faults: str = "") -> tuple[Any, dict[str, Any], int]:
        prefix = f"/with/{faults}@{request.node.name.replace('/', '-')}" if faults else ""
        trial.given["CITY"] = standin + prefix
        upper = source["connection"] != "zj"
        fields = {
            ("AJBH" if upper else "ajbh"): {"element": "service.case_no", "required": True},
            ("SSQX" if upper else "ssqx"): {"element": "place.region_code"},
        }
        trial.declare(
            "datasets/cases",
            {
                "dataset": NAME,
                "title": {"zh": "工单", "en": "cases"},
                "owner": {"department": "市政务服务中心"},
                "source": source,
                "fields": fields,
                "write": {"mode": "upsert", "key": ["case_no"]},
            },
        )
        outcome = trial.run()
        cases = json.loads((standin_folder / "api/hotline.json").read_bytes())
        return outcome, trial.receipts(NAME)[-1], len(cases)

    return run


def problem(receipt: dict[str, Any]) -> dict[str, Any]:
    """The only one of a receipt: its code, and its values."""
    (found,) = json.loads(receipt["problems"])
    return {"code": found["code"], **found.get("values", found)}


WIRE = ["", "429:2", "503:2", "cut:2", "login:2", "gzip", "wrong_type", "skew", "slow:2"]
HEALED = [*WIRE, "error_200:2", "text_counts"]


@pytest.mark.parametrize(("faults", "source"), rotated(HEALED, SOURCES, 2))
def test_what_heals_is_whole(portal: Any, trial: Any, source: str, faults: str) -> None:
    outcome, receipt, cases = portal(SOURCES[source], faults)
    assert (receipt["status"], receipt["stored_count"]) == ("received", cases)
    assert receipt["declared_count"] == (cases if source in ("keyed", "signed") else None)
    entry = trial.dataset(outcome, NAME)
    assert entry["rows_in"] == cases
    assert entry["rows_standard"] + entry["rows_quarantined"] + entry["rows_duplicate"] == cases


TOLD = [
    ("keyed", "short_page:1", "COUNT_DIFFERS"),
    ("signed", "short_page:2", "COUNT_DIFFERS"),
    ("uncounted", "short_page:1", "PAGE_UNEVEN"),
    ("uncounted", "short_page:3", "PAGE_UNEVEN"),
    ("linked", "short_page:2", "PAGE_CHANGED"),
    ("keyed", "repeated_page:3", "PAGE_REPEATED"),
    ("signed", "repeated_page:4", "PAGE_REPEATED"),
    ("linked", "repeated_page:2", "PAGE_REPEATED"),
    ("uncounted", "past_end", "PAGE_REPEATED"),
    ("keyed", "shift", "ROWS_SHIFTED"),
    ("signed", "shift", "ROWS_SHIFTED"),
    ("uncounted", "shift", "PAGE_CHANGED"),
    ("linked", "shift", "PAGE_CHANGED"),
    ("keyed", "error_200:2+", "HTTP_FAILED_INSIDE"),
    ("signed", "error_200:4+", "HTTP_FAILED_INSIDE"),
    ("keyed", "503:2+", "HTTP_REFUSED"),
    ("keyed", "404:2", "HTTP_REFUSED"),
    ("keyed", "login:2+", "HTTP_NOT_JSON"),
    ("keyed", "cut:2+", "HTTP_NO_ANSWER"),
    ("keyed", "elsewhere:2", "HTTP_REDIRECTED"),
    ("linked", "next_elsewhere", "LINK_LEAVES"),
    ("linked", "endless_next", "PAGES_ENDLESS"),
]


@pytest.mark.parametrize(("source", "faults", "code"), TOLD)
def test_what_does_not_heal_is_incomplete(portal: Any, trial: Any, source: str, faults: str, code: str) -> None:
    outcome, receipt, cases = portal(SOURCES[source], faults)
    assert (receipt["status"], problem(receipt)["code"], outcome.exit_code) == ("incomplete", code, 2)
    assert not trial.lake.fs.exists(trial.lake.standard(NAME))
    assert receipt["stored_count"] is not None
    if code == "COUNT_DIFFERS":
        assert (receipt["declared_count"], receipt["stored_count"]) == (cases, cases - 1)


def test_rows_past_the_end_are_not_asked_for_where_a_count_is_declared(portal: Any) -> None:
    _, receipt, cases = portal(KEYED, "past_end")
    assert (receipt["status"], receipt["declared_count"], receipt["stored_count"]) == ("received", cases, cases)


def test_a_column_renamed_between_pages_is_no_silence(portal: Any, trial: Any) -> None:
    outcome, _, cases = portal(SIGNED, "renamed_column")
    assert outcome.exit_code != 0 or trial.dataset(outcome, NAME)["rows_quarantined"] >= cases - 100


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "${CITY}/sz/api/none/1/service.xhtml"}, "未订阅该数据，请先订阅"),
        ({"connection": "wrong"}, "appkey无效：***"),
    ],
)
def test_a_portals_own_words_are_told_and_it_is_not_asked_again(
    portal: Any, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_WRONG", json.dumps({"params": {"appKey": "hush-hush-hush"}}))
    source = {**KEYED, **changed}
    outcome, receipt, _ = portal(source)
    assert (receipt["status"], outcome.exit_code) == ("failed", 2)
    assert problem(receipt)["message"] == said


def test_a_call_that_is_not_signed_rightly_is_told(portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"params": {"app_id": APP_ID}, "sign": {"app_secret": "not-the-secret"}}
    monkeypatch.setenv("CITYLAKE_CONN_ZJ", json.dumps(wrong))
    _, receipt, _ = portal(SIGNED)
    assert (receipt["status"], problem(receipt)["code"]) == ("failed", "SIGN_REFUSED")
    assert "密钥错误" in problem(receipt)["start"]


@pytest.mark.parametrize("send", ["query", "form"])
def test_a_keyed_portal_takes_get_and_post(portal: Any, send: str) -> None:
    assert portal({**KEYED, "send": send})[1]["status"] == "received"


@pytest.mark.parametrize("source", SOURCES)
def test_the_second_run_takes_nothing_twice(portal: Any, trial: Any, source: str) -> None:
    first, _, cases = portal(SOURCES[source])
    second, receipt, _ = portal(SOURCES[source])
    assert receipt["status"] == "unchanged"
    assert trial.dataset(first, NAME)["rows_in"] == cases
    assert second.exit_code == first.exit_code
