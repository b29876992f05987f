"""The digest of a day: what people decided, to the departments concerned, without values of the data."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from citylake.pipelines.acts.acts_digest import today
from citylake.pipelines.acts.daily_digest import news_of_day, send_acts_digest
from citylake.pipelines.acts.decide_rows import discard_rows
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.notify.notify_channel import DIGEST_VARIABLE
from tests.pipelines.acts.people import Bureau


@pytest.fixture
def robot(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    monkeypatch.setenv(DIGEST_VARIABLE, "wecom:robot@别的部门 wecom:robot")
    return city


def context_of(bureau: Bureau) -> RunContext:
    work = bureau.work()
    return RunContext(work.registry, work.lake, work.ledger, new_run())


def test_the_acts_of_a_day_are_sent_once_to_a_channel_for_all(bureau: Bureau, robot: Any) -> None:
    work = bureau.work()
    discard_rows(work, bureau.everything(), "不可用")
    assert send_acts_digest(context_of(bureau), today(work.registry)) == []
    (asked,) = robot.asked
    text = asked.body["markdown"]["content"]
    assert "待核实" not in text
    assert work.person.user in text


def test_a_day_without_acts_sends_nothing(bureau: Bureau, robot: Any) -> None:
    context = context_of(bureau)
    assert send_acts_digest(context, today(context.registry) - timedelta(days=1)) == []
    assert robot.asked == []


def test_the_news_of_a_day_are_those_of_its_runs(bureau: Bureau) -> None:
    context = context_of(bureau)
    (news,) = news_of_day(context, today(context.registry))
    assert (news.standard, news.quarantined) == (1, 4)
    assert news_of_day(context, date(2020, 1, 1)) == []
