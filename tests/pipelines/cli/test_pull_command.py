"""``citylake pull`` and ``citylake state``: what would be asked, what came, and from where it goes on."""

from __future__ import annotations

import json
import re
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
SOCRATA = "  {connector: socrata, url: '${STANDIN}/soda', dataset: hotl-ines, incremental: ':updated_at'}\nfields"


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


@pytest.fixture
def permits(cases: Any) -> Any:
    """A dataset whose source has an incremental state."""
    declared = re.sub(r"  connector.*?fields", SOCRATA, PAGED, flags=re.DOTALL)
    (cases.root / "workspace/datasets/cases.yaml").write_text(declared, encoding="utf-8")
    return cases


def test_a_state_can_be_set_shown_and_begun_anew(permits: Any) -> None:
    since = {"updated_at": "2026-03-01T00:00:00Z"}
    assert permits.json("state", "show", "service.cases") == (0, {"dataset": "service.cases", "sources": []})
    assert permits.call("state", "set", "service.cases", json.dumps(since))[0] == 0
    _, told = permits.json("state", "show", "service.cases")
    (move,) = told["sources"]
    assert (move["name"], move["state"], move["set_by"]) == ("hotl-ines", since, "operator")
    _, plan = permits.json("pull", "service.cases", "--dry-run")
    assert plan["fetches"][0]["state"] == since
    permits.call("state", "set", "service.cases", "{}", "--source", "hotl-ines")
    assert permits.json("state", "show", "service.cases")[1]["sources"][0]["state"] == {}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("{",), "not a JSON object"),
        (("[1]",), "not a JSON object"),
        (("null",), "not a JSON object"),
        (("{}", "--source", "x"), "no source called"),
        (('{"updated_at": 5}',), "“updated_at” has an invalid value"),
        (('{"updated_at": "yesterday"}',), "“updated_at” has an invalid value"),
        (('{"updated": "2026-03-01"}',), "“updated_at” is missing"),
        (('{"updated_at": "2026-03-01", "x": 1}',), "“x” is not an allowed key"),
    ],
)
def test_a_state_that_cannot_be_is_refused_and_nothing_written(
    permits: Any, arguments: tuple[str, ...], told: str
) -> None:
    exit_code, _, err = permits.call("state", "set", "service.cases", *arguments)
    assert (exit_code, told in " ".join(err.split())) == (1, True), err
    assert permits.json("state", "show", "service.cases")[1]["sources"] == []


def test_brackets_in_what_a_source_is_called_are_shown(city: Any) -> None:
    (city.root / "files/a.csv").rename(city.root / "files/a[bold] [x].csv")
    for arguments in (("--dry-run",), ()):
        code, out, _ = city.call("pull", "traffic.counts", *arguments)
        assert (code, "a[bold] [x].csv" in out) == (0, True)
