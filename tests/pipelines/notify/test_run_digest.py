"""One digest per run and department: counts, codes and commands, and never a value of the data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.notify.department_news import DepartmentNews, news_of_ledger_rows, news_of_results
from citylake.pipelines.notify.notify_channel import DIGEST_VARIABLE
from citylake.pipelines.notify.run_digest import MOST_REASONS, build_digest, send_digests
from citylake.schemas.lint.valid_registry import load_sound_registry
from tests.trial import Trial

CONTRACT = """
dataset: {dataset}
title: {{zh: 流量, en: counts}}
owner: {{department: {department}}}
source: {{connector: files, path: "${{CITY}}/{file}.csv", format: csv}}
fields:
  device: {{element: traffic.device_code, required: true}}
  flow: {{element: traffic.flow}}
write: {{mode: append}}
expect: {{rows: {{min: {least}}}}}
"""
SECRET = "SECRETVALUE"


@pytest.fixture
def lake(trial: Trial) -> Trial:
    trial.given["CITY"] = str(trial.root)
    for dataset, department, file, least in (("traffic.a", "交通局", "a", 1), ("traffic.b", "环保局", "b", 9)):
        text = CONTRACT.format(dataset=dataset, department=department, file=file, least=least)
        trial.declare(f"datasets/{file}", text)
        (trial.root / f"{file}.csv").write_text(f"device,flow\nD1,3\nD2,{SECRET}\n", encoding="utf-8")
    return trial


def test_the_news_of_a_run_are_those_of_its_ledger(lake: Trial) -> None:
    outcome = lake.run()
    registry = load_sound_registry(lake.root / "workspace")
    told = news_of_results(registry, outcome.batches)
    stored = news_of_ledger_rows(registry, lake.ledger.read("batches").to_dicts())
    assert told == stored
    assert [each.department for each in told] == ["交通局", "环保局"]
    assert told[0].stopped == {}
    assert told[1].stopped["traffic.b"][:2] == ("held", "ROWS_TOO_FEW")


def test_a_digest_names_reasons_and_the_next_command_and_no_value(lake: Trial) -> None:
    news = news_of_results(load_sound_registry(lake.root / "workspace"), lake.run().batches)
    text = build_digest(news[0], 12, 3).lines("")
    assert SECRET not in text
    assert "VALUE_UNREADABLE" in text
    assert "citylake quarantine list --department 交通局" in text
    assert "12" in text


def test_a_channel_receives_its_department_and_one_without_all_in_one_message(
    lake: Trial, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = news_of_results(load_sound_registry(lake.root / "workspace"), lake.run().batches)
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    monkeypatch.setenv(DIGEST_VARIABLE, "wecom:robot@环保局 wecom:robot")
    assert send_digests(news, lambda department: (0, 0)) == []
    own, whole = (asked.body["markdown"]["content"] for asked in city.asked)
    assert "traffic.b" in own
    assert "交通局" not in own
    assert "交通局" in whole
    assert "环保局" in whole


def test_a_run_without_news_sends_nothing(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DIGEST_VARIABLE, "wecom:robot")
    assert send_digests([], lambda department: (0, 0)) == []
    assert city.asked == []


def test_more_reasons_than_a_digest_lists_are_counted() -> None:
    news = DepartmentNews("局", {"d"})
    news.issues.update({f"CODE_{number}": number + 1 for number in range(MOST_REASONS + 2)})
    text = build_digest(news, 0, 0).text["en"]
    assert "2 more reasons" in text
    assert "CODE_0 " not in text


def test_what_was_committed_later_is_not_stopped_any_more() -> None:
    news = DepartmentNews("局")
    rows = [
        {"dataset": "d", "status": status, "issues": "{}", "problems": '[{"code": "X", "values": {}}]'}
        | dict.fromkeys(("rows_standard", "rows_quarantined", "values_refused"), 1)
        for status in ("held", "committed")
    ]

    class Registry:
        contracts: dict[str, Any] = {}

    (news,) = news_of_ledger_rows(Registry(), rows)  # type: ignore[arg-type]
    assert news.stopped == {}
    assert news.quarantined == 2


def test_a_run_sends_its_digests_with_the_rows_that_wait(
    lake: Trial, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    monkeypatch.setenv(DIGEST_VARIABLE, "wecom:robot@交通局")
    places = {"CITYLAKE_WORKSPACE": lake.root / "workspace", "CITYLAKE_LAKE": lake.root / "lake", "CITY": lake.root}
    for name, path in places.items():
        monkeypatch.setenv(name, str(path))
    assert main(["run", "--no-report", "--json"]) == 2
    capsys.readouterr()
    (asked,) = city.asked
    text = asked.body["markdown"]["content"]
    assert "1 quarantined rows wait for a person, 0 of them past their due date" in text
    assert SECRET not in text
