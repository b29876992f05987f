"""Messages, in the shapes that robots and mail servers take, to servers on the loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.notify.channel import Channel, channels
from pipelines.notify.message import Message, cut, message
from pipelines.notify.send import send
from schemas.catalogue import tell
from schemas.faults import CitylakeError

SAID = Message({"zh": "数据迟到", "en": "Late <data>"}, {"zh": "三天 & 两夜", "en": "three days"}, "交通局", "a@b.org")
OK = {"wecom": {"errcode": 0, "errmsg": "ok"}, "dingtalk": {"errcode": 0}, "slack": b"ok"}


def connect(monkeypatch: pytest.MonkeyPatch, **declared: Any) -> None:
    for name, value in declared.items():
        monkeypatch.setenv(f"CITYLAKE_CONN_{name.upper()}", json.dumps(value))


@pytest.fixture
def told(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call with a kind of robot, and what it answers: the problems, and what it was asked."""

    def call(kind: str, *answers: Any, **more: Any) -> Any:
        city.answer = lambda asked: answers[min(asked.times, len(answers) - 1)]
        connect(monkeypatch, robot={"uri": f"{city.url}/robot/send?key=hush-hush", **more})
        return send(SAID, [Channel(kind, "robot")]), city.asked

    return call


def test_wecom_hears_markdown(told: Any, reply: Any) -> None:
    problems, asked = told("wecom", reply(OK["wecom"]))
    assert problems == []
    content = "**数据迟到**\n三天 & 两夜\n\n**Late <data>**\nthree days"
    assert asked[0].body == {"msgtype": "markdown", "markdown": {"content": content}}
    assert (asked[0].method, asked[0].params) == ("POST", {"key": "hush-hush"})


def test_dingtalk_hears_markdown_with_a_title(told: Any, reply: Any) -> None:
    _, asked = told("dingtalk", reply(OK["dingtalk"]))
    text = "**数据迟到**  \n三天 & 两夜  \n  \n**Late <data>**  \nthree days"
    assert asked[0].body == {"msgtype": "markdown", "markdown": {"title": "数据迟到 · Late <data>", "text": text}}


def test_dingtalk_is_signed_where_there_is_a_secret(told: Any, reply: Any) -> None:
    _, asked = told("dingtalk", reply(OK["dingtalk"]), sign={"secret": "SEC1"})
    stamp = asked[0].params["timestamp"]
    wanted = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert base64.b64decode(asked[0].params["sign"]) == wanted
    assert asked[0].params["key"] == "hush-hush"


def test_slack_hears_text_with_its_three_entities(told: Any, reply: Any) -> None:
    problems, asked = told("slack", reply(OK["slack"]))
    assert problems == []
    assert asked[0].body == {"text": "*数据迟到*\n三天 &amp; 两夜\n\n*Late &lt;data&gt;*\nthree days"}


REFUSALS = [
    ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, 200),
    ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, 200),
    ("slack", b"invalid_payload", 200),
    ("slack", b"no_team", 404),
    ("wecom", b"<html>login</html>", 200),
]


@pytest.mark.parametrize(("kind", "body", "status"), REFUSALS)
def test_a_robot_that_says_no_is_a_failure_whatever_its_status(
    told: Any, reply: Any, kind: str, body: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    (problem,), asked = told(kind, reply(body, status))
    assert problem.code == "NOTIFY_FAILED"
    assert len(asked) == 1
    assert f"{kind}:robot" in caplog.text
    assert "hush-hush" not in caplog.text + tell(problem.code, problem.values)


def test_a_robot_that_is_down_for_a_moment_is_asked_again(told: Any, reply: Any) -> None:
    problems, asked = told("slack", reply(status=503), reply(OK["slack"]))
    assert (problems, len(asked)) == ([], 2)


def test_one_channel_that_fails_does_not_silence_the_others(
    city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.answer = lambda asked: reply(b"ok")
    connect(monkeypatch, robot={"uri": city.url}, broken={"uri": "http://127.0.0.1:1/"})
    heard = [Channel("slack", "unset"), Channel("slack", "broken"), Channel("slack", "robot")]
    assert [problem.code for problem in send(SAID, heard)] == ["CONNECTION_UNSET", "NOTIFY_FAILED"]
    assert len(city.asked) == 1


def test_what_is_one_departments_is_told_to_it_alone(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city.answer = lambda asked: reply(b"ok")
    connect(monkeypatch, robot={"uri": city.url})
    send(SAID, channels({"CITYLAKE_NOTIFY": "slack:robot@环保局"}))
    assert city.asked == []
    send(SAID, channels({"CITYLAKE_NOTIFY": "slack:robot@交通局  slack:robot"}))
    assert len(city.asked) == 2


def test_a_letter_goes_to_the_addresses_and_the_steward(mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"from": "lake@city.org", "to": "ops@city.org", "stewards": True}
    connect(monkeypatch, mail={"uri": f"smtp://lake:p%40ss@127.0.0.1:{mailbox.port}", "options": options})
    assert send(SAID, [Channel("smtp", "mail")]) == []
    ((to, letter),) = mailbox.letters
    assert to == ["ops@city.org", "a@b.org"]
    assert (letter["Subject"], letter["From"]) == ("数据迟到 · Late <data>", "lake@city.org")
    assert letter.get_content().split() == ["数据迟到", "三天", "&", "两夜", "Late", "<data>", "three", "days"]
    assert mailbox.logins == [("lake", "p@ss")]


def test_a_mail_server_that_says_no_is_a_failure(mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.refuses = "ops@city.org"
    connect(monkeypatch, mail={"uri": f"smtp://127.0.0.1:{mailbox.port}", "options": {"to": "ops@city.org"}})
    (problem,) = send(SAID, [Channel("smtp", "mail")])
    assert problem.code == "NOTIFY_FAILED"
    connect(monkeypatch, mail={"uri": f"smtp://127.0.0.1:{mailbox.port}"})
    assert [each.code for each in send(SAID, [Channel("smtp", "mail")])] == ["NOTIFY_NOBODY"]


def test_unset_nothing_is_told_and_unreadable_it_says_how_to_write_it() -> None:
    assert channels({}) == ()
    with pytest.raises(CitylakeError, match="telegram:x") as caught:
        channels({"CITYLAKE_NOTIFY": "slack:a telegram:x"})
    assert "wecom" in tell(caught.value.code, caught.value.values)


def test_every_message_has_words_in_both_languages() -> None:
    found = message("test")
    assert found.title.keys() == found.text.keys() == {"zh", "en"}


@given(st.text(), st.integers(3, 60))
def test_what_is_cut_fits_and_is_the_beginning(text: str, most: int) -> None:
    found = cut(text, most)
    assert len(found.encode()) <= most
    assert found == text or text.startswith(found.removesuffix("…"))
