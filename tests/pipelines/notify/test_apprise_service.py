"""Messages through Apprise, to a server on the loopback: delivered whole, refusals reported, addresses secret."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from citylake.pipelines.notify import apprise_service
from citylake.pipelines.notify.notify_channel import Channel
from citylake.pipelines.notify.notify_message import Message
from citylake.pipelines.notify.notify_sender import send_to_channels
from citylake.schemas.words.message_catalogue import render_issue

SAID = Message({"zh": "数据逾期", "en": "Late <data>"}, {"zh": "三天 & 两夜", "en": "three days"}, "交通局")
TOKEN = "hush0123456789abcdef"
# A module that one of Apprise's plugins imports.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apprise.plugins.base.NotifyBase.request_rate_per_sec", 0)


def send(monkeypatch: pytest.MonkeyPatch, uri: str, kind: str = "chat", said: Message = SAID) -> list[Any]:
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": uri}))
    return send_to_channels(said, [Channel(kind, "robot")])


def test_a_message_arrives_in_both_languages(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(monkeypatch, city.url.replace("http://", "json://") + "/hook") == []
    (asked,) = city.asked
    assert asked.body["message"] == "**数据逾期**\n三天 & 两夜\n\n**Late <data>**\nthree days"


def test_a_refusal_is_reported_after_the_last_attempt_without_the_address(
    city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    city.answer = lambda asked: reply(b"no", 404)
    (problem,) = send(monkeypatch, f"{city.url.replace('http://', 'json://')}/{TOKEN}")
    assert problem.code == "NOTIFY_FAILED"
    assert "404" in problem.values["why"]
    assert len(city.asked) == apprise_service.ATTEMPTS
    assert TOKEN not in caplog.text + render_issue(problem.code, problem.values)


def test_a_service_that_fails_once_receives_the_message_later(
    city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.answer = lambda asked: reply(status=503 if asked.times == 0 else 200)
    assert send(monkeypatch, city.url.replace("http://", "json://")) == []
    assert len(city.asked) == 2


def test_feishu_reports_a_refusal_that_has_status_200(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apprise.plugins.feishu.NotifyFeishu.notify_url", city.url + "/{token}/")
    city.answer = lambda asked: reply({"code": 9499, "msg": "Bad Request"})
    (problem,) = send(monkeypatch, f"feishu://{TOKEN}", "feishu")
    assert "9499" in problem.values["why"]
    city.answer = lambda asked: reply({"code": 0, "msg": "success"})
    assert send(monkeypatch, f"feishu://{TOKEN}", "feishu") == []
    assert "三天 & 两夜" in str(city.asked[-1].body)


@pytest.mark.parametrize("plugin", ["wecombot.NotifyWeComBot", "dingtalk.NotifyDingTalk"])
def test_apprise_takes_refusals_of_wecom_and_dingtalk_for_success(
    city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, plugin: str
) -> None:
    """The reason why these two have code of their own: once this fails, it can go."""
    monkeypatch.setattr(f"apprise.plugins.{plugin}.notify_url", city.url + "/hook")
    city.answer = lambda asked: reply({"errcode": 93000, "errmsg": "invalid webhook url"})
    scheme = "wecombot" if "wecom" in plugin else "dingtalk"
    assert send(monkeypatch, f"{scheme}://{TOKEN}") == []
    assert city.asked


def test_a_long_text_arrives_whole_in_several_messages(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apprise.plugins.custom_json.NotifyJSON.body_maxlen", 200)
    long = Message({"zh": "题", "en": "title"}, {"zh": "数据" * 150, "en": "word " * 60})
    assert send(monkeypatch, city.url.replace("http://", "json://"), said=long) == []
    whole = "".join(asked.body["message"] for asked in city.asked)
    assert len(city.asked) > 1
    assert whole.count("数据") == 150
    assert whole.count("word") == 60


@pytest.mark.parametrize("uri", ["", "nowhere://hush", "https://example.org/hush", "slack://x"])
def test_an_address_that_no_service_has_is_refused(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    (problem,) = send(monkeypatch, uri, "slack")
    assert problem.code in ("CHAT_ADDRESS_UNKNOWN", "CONNECTION_UNREADABLE")
