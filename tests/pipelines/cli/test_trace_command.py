"""``citylake trace``: what it prints about a row, what it leaves on record, and how it refuses a key."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.history.trace import trace_row
from citylake.pipelines.history.trace.trace_document import trace_document
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.read.masked_fields import MASK
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.sealed import PLANTED, REGISTER, VARIABLE, deliver, new_key, open_register

BAD = "时间,设备,流量\n2026-03-01 10:00,JT0000000001,约40\n2026-03-01 11:00,JT0000000002,多\n2026-03-02 08:00,JT0000000001,5\n"
KEY = ("trace", "traffic", "day", "2026-03-01")


@pytest.fixture
def traced(kept_city: Any) -> Any:
    """The small city with two good files and two refused rows, one of which was corrected and read again."""

    def begin(city: Any) -> None:
        city.drop("b.csv", BAD)
        assert city.call("run")[0] == 0
        meaning = (
            "--dataset",
            "traffic.counts",
            "--field",
            "流量",
            "--value",
            "约40",
            "--means",
            "40",
            "--why",
            "by phone",
        )
        assert city.call("quarantine", "correct", *meaning)[0] == 0
        assert city.call("replay", "traffic.counts", "--quarantine")[0] == 0

    return kept_city(begin)


def test_the_document_leads_from_the_number_to_files_corrections_and_refused_rows(traced: Any) -> None:
    code, told = traced.json(*KEY)
    assert (code, told["verified"], told["row"]["flow_veh"]) == (0, True, 70)
    (level,), (dataset,) = told["levels"], told["datasets"]
    assert [(each["name"], each["rows"], each["of"]) for each in level["inputs"]] == [("traffic.counts", 3, 3)]
    assert [row["raw"]["流量"] for row in dataset["standard"]] == ["10", "20", "约40"]
    (correction,) = dataset["standard"][2]["corrections"]
    assert (correction["old"], correction["new"], correction["why"]) == ("约40", "40", "by phone")
    digests = {hashlib.sha256((traced.files / name).read_bytes()).hexdigest() for name in ("a.csv", "b.csv")}
    assert {each["sha256"] for each in dataset["receipts"]} == digests
    assert all(batch["as_declared"] for batch in dataset["batches"])
    refused = dataset["refused"]
    assert (refused["rows"], refused["same_key"], refused["examples"][0]["raw"]["流量"]) == (1, 0, "多")


def test_the_tree_is_shown_in_the_readers_language(traced: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = traced.call(*KEY, "--limit", "1")
    assert code == 0
    for said in (
        "verified: the table's SELECT",
        "3 of 3 rows of 2026-03-01",
        "2 more rows",
        "1 rows of these days were",
    ):
        assert said in out
    monkeypatch.setenv("CITYLAKE_LANG", "zh")
    out = traced.call(*KEY, "flow_veh")[1]
    for said in ("只追溯列 flow_veh", "已验证", "更正：字段“流量”由“约40”改为“40”", "不在这个数里"):
        assert said in out


def test_rows_are_saved_as_a_spreadsheet(traced: Any, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    assert traced.call(*KEY, "--output", str(file))[0] == 0
    heading, *lines = file.read_text("utf-8-sig").splitlines()
    assert (heading.split(",")[:2], len(lines)) == (["dataset", "row_id"], 3)


def test_every_trace_is_on_record_also_one_that_fails(traced: Any) -> None:
    asked = "SELECT request, rows, outcome FROM accesses WHERE access = 'trace' ORDER BY sequence DESC LIMIT 2"
    traced.call(*KEY, "flow_veh")
    code, _, err = traced.call("trace", "traffic", "day", "2026-03-09")
    assert (code, "day=2026-03-02" in err) == (1, True)
    rows = traced.json("ledger", asked)[1]["rows"]
    assert [tuple(row.values()) for row in rows] == [
        ("trace day 2026-03-09", None, "TRACE_ROW_UNKNOWN"),
        ("trace day 2026-03-01 flow_veh", 3, "ok"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nomart", "day", "2026-03-01"), "traffic"),
        (("traffic", "days", "2026-03-01"), "day"),
        (("traffic", "day", "2026-03-01", "flow"), "flow_veh"),
        (("traffic", "day", "2026-03-01", "--version", "1999"), "Z"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(traced: Any, words: tuple[str, ...], said: str) -> None:
    code, _, err = traced.call("trace", *words)
    assert (code, said in err) == (1, True)


def test_a_sealed_source_is_masked_and_opened_with_the_key_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    monkeypatch.setenv(VARIABLE, key)
    trial = open_register(tmp_path)
    table = {
        "title": {"zh": "数", "en": "count"},
        "grain": ["licences"],
        "columns": {"licences": {"text": {"zh": "个数", "en": "count"}}},
    }
    words = {"title": {"zh": "数", "en": "n"}, "audience": {"zh": "数", "en": "n"}}
    trial.declare("marts/n/mart", {"mart": "n", **words, "tables": {"t": table}})
    (trial.root / "workspace/marts/n/t.sql").write_text(f"SELECT count(*) AS licences FROM {REGISTER}", "utf-8")
    deliver(trial, "a.csv", ("11010519491231002X", "李明远", "13800138001", "A-1"))
    assert trial.run().exit_code == 0
    registry = load_valid_registry(tmp_path / "workspace")
    found = trace_row(trial.lake, registry, "n", "t", ["1"])
    (row,) = trace_document(trial.lake, registry, found)["datasets"][0]["standard"]
    assert (found.verified, row["raw"]["姓名"]) == (True, MASK)
    monkeypatch.delenv(VARIABLE)
    (row,) = trace_document(trial.lake, registry, found)["datasets"][0]["standard"]
    assert (row["raw"], row["raw_problem"]["code"]) == (None, "KEY_UNSET")
    assert not any(value in str(row) for value in PLANTED)


def test_of_a_hidden_count_no_rows_are_shown_or_counted(small_city: Any) -> None:
    mart = """
mart: cases
title: {zh: 案件, en: cases}
audience: {zh: 公众, en: the public}
tables:
  day:
    title: {zh: 日, en: day}
    grain: [day, station_code]
    day: day
    columns:
      day: {element: time.day}
      station_code: {element: place.station_code}
      cases: {text: {zh: 案件数, en: cases}}
    suppress: {columns: [cases], threshold: 10, over: [day, station_code]}
"""
    select = "SELECT _day AS day, station_code, sum(pm25_ugm3)::BIGINT AS cases FROM air.readings GROUP BY ALL"
    small_city.mart("cases", mart, {"day": select})
    small_city.readings(date(2026, 3, 1), {"S1": 3.0, "S2": 40.0})
    registry, lake = small_city.registry, small_city.lake
    publish_mart(build_mart(registry.marts["cases"], registry, lake), registry, lake)
    hidden, shown = (
        trace_document(lake, registry, trace_row(lake, registry, "cases", "day", ["2026-03-01", code]))
        for code in ("S1", "S2")
    )
    assert (hidden["verified"], hidden["row"]["cases"], hidden["hidden"]) == (True, MASK, ["cases"])
    assert (hidden["datasets"][0]["rows"], hidden["datasets"][0]["standard"]) == (None, [])
    assert [each["rows"] for each in hidden["levels"][0]["inputs"]] == [None]
    assert (shown["row"]["cases"], shown["datasets"][0]["rows"]) == (40, 1)
