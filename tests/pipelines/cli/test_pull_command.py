"""``citylake pull`` and ``citylake state``: what would be asked, what came, and from where it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PAGED = """
dataset: service.cases
title: {zh: 工单, en: cases}
owner: {department: 市政务服务中心}
source:
  connector: rest_paged
  url: ${STANDIN}/gov/hotline
  envelope: {field: code, success: [200], message: msg}
  paging: {by: page, param: page, size_param: rows, size: 400, total: data.total}
  format: {type: json, records: data.rows}
fields:
  ajbh: {element: service.case_no, required: true}
write: {mode: upsert, key: [case_no]}
"""


@pytest.fixture
def cases(city: Any, standin: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    (city.root / "workspace/datasets/cases.yaml").write_text(PAGED, encoding="utf-8")
    monkeypatch.setenv("STANDIN", standin)
    return city


def test_a_dry_run_says_what_would_be_asked_and_asks_nothing(cases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDIN", "http://127.0.0.1:9")
    code, out, _ = cases.call("pull", "service.cases", "--dry-run")
    assert code == 0
    assert "GET http://127.0.0.1:9/gov/hotline" in out
    assert "the declared count" in out
    assert not (cases.root / "lake").exists()


def test_a_dry_run_names_what_is_missing(cases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STANDIN")
    code, told = cases.json("pull", "service.cases", "--dry-run")
    assert (code, told["fetches"][0]["problem"]["code"]) == (2, "VARIABLE_UNSET")


def test_a_pull_lands_what_came_and_leaves_the_tables_alone(cases: Any) -> None:
    code, told = cases.json("pull", "service.cases")
    (receipt,) = told["receipts"]
    assert (code, receipt["status"], receipt["proof"]) == (0, "received", "count")
    assert receipt["declared_count"] == receipt["stored_count"] > 0
    assert all(Path(path).is_file() for path in receipt["landing"])
    assert not (cases.root / "lake/standard").exists()
    code, out, _ = cases.call("pull", "service.cases")
    assert (code, "received" in out) == (0, True)


def test_an_unknown_dataset_is_told(cases: Any) -> None:
    code, told = cases.json("pull", "service.case")
    assert (code, told["error"]["code"]) == (1, "DATASET_UNKNOWN")


def test_a_state_can_be_set_shown_and_begun_anew(cases: Any) -> None:
    assert cases.json("state", "show", "service.cases") == (0, {"dataset": "service.cases", "sources": []})
    assert cases.call("state", "set", "service.cases", '{"after": "2026-03-01"}')[0] == 0
    _, told = cases.json("state", "show", "service.cases")
    (move,) = told["sources"]
    assert (move["name"], move["state"], move["set_by"]) == ("hotline", {"after": "2026-03-01"}, "operator")
    _, plan = cases.json("pull", "service.cases", "--dry-run")
    assert plan["fetches"][0]["state"] == {"after": "2026-03-01"}
    cases.call("state", "set", "service.cases", "{}", "--source", "hotline")
    assert cases.json("state", "show", "service.cases")[1]["sources"][0]["state"] == {}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("{",), "STATE_NOT_JSON"), (("[1]",), "STATE_NOT_JSON"), (("{}", "--source", "x"), "STATE_NO_SOURCE")],
)
def test_a_state_that_cannot_be_is_refused(cases: Any, arguments: tuple[str, ...], code: str) -> None:
    exit_code, _, err = cases.call("state", "set", "service.cases", *arguments)
    assert exit_code == 1
    assert {"STATE_NOT_JSON": "not a JSON object", "STATE_NO_SOURCE": "no source called"}[code] in err
