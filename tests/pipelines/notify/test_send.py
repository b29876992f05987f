"""Messages, in the shapes that robots and mail servers take, to servers on the loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.notify.notify_channel import Channel, configured_channels
from citylake.pipelines.notify.notify_message import Message, build_message, truncate_utf8
from citylake.pipelines.notify.notify_sender import is_delivered, send_to_channels
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue

SAID = Message({"zh": "数据逾期", "en": "Late <data>"}, {"zh": "三天 & 两夜", "en": "three days"}, "交通局", "a@b.org")
OK = {"wecom": {"errcode": 0, "errmsg": "ok"}, "dingtalk": {"errcode": 0}}


def connect(monkeypatch: pytest.MonkeyPatch, **declared: Any) -> None:
    for name, value in declared.items():
        monkeypatch.setenv(f"CITYLAKE_CONN_{name.upper()}", json.dumps(value))


@pytest.fixture
def told(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call with a kind of robot, and what it answers: the problems, and what it was asked."""

    def call(kind: str, *answers: Any, **more: Any) -> Any:
        city.answer = lambda asked: answers[min(asked.times, len(answers) - 1)]
        connect(monkeypatch, robot={"uri": f"{city.url}/robot/send?key=hush-hush", **more})
        return send_to_channels(SAID, [Channel(kind, "robot")]), city.asked

    return call


def test_wecom_hears_markdown(told: Any, reply: Any) -> None:
    problems, asked = told("wecom", reply(OK["wecom"]))
    assert problems == []
    content = "**数据逾期**\n三天 & 两夜\n\n**Late <data>**\nthree days"
    assert asked[0].body == {"msgtype": "markdown", "markdown": {"content": content}}
    assert (asked[0].method, asked[0].params) == ("POST", {"key": "hush-hush"})


def test_dingtalk_hears_markdown_with_a_title(told: Any, reply: Any) -> None:
    _, asked = told("dingtalk", reply(OK["dingtalk"]))
    text = "**数据逾期**  \n三天 & 两夜  \n  \n**Late <data>**  \nthree days"
    assert asked[0].body == {"msgtype": "markdown", "markdown": {"title": "数据逾期 · Late <data>", "text": text}}


def test_dingtalk_is_signed_where_there_is_a_secret(told: Any, reply: Any) -> None:
    _, asked = told("dingtalk", reply(OK["dingtalk"]), sign={"secret": "SEC1"})
    stamp = asked[0].params["timestamp"]
    wanted = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert base64.b64decode(asked[0].params["sign"]) == wanted
    assert asked[0].params["key"] == "hush-hush"


REFUSALS = [
    ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, 200),
    ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, 200),
    ("dingtalk", b"no such robot", 404),
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
    assert "hush-hush" not in caplog.text + render_issue(problem.code, problem.values)


def test_no_log_tells_the_address_even_where_everything_is_logged(
    told: Any, reply: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (reply(OK["wecom"]), reply(b"no"), reply(status=503)):
        told("wecom", answer)
    assert "wecom:robot" in caplog.text
    assert "hush-hush" not in caplog.text


def test_a_robot_that_is_down_for_a_moment_is_asked_again(told: Any, reply: Any) -> None:
    problems, asked = told("wecom", reply(status=503), reply(OK["wecom"]))
    assert (problems, len(asked)) == ([], 2)


def test_one_channel_that_fails_does_not_silence_the_others(
    city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.answer = lambda asked: reply(OK["wecom"])
    connect(monkeypatch, robot={"uri": city.url}, broken={"uri": "http://127.0.0.1:1/"})
    heard = [Channel("wecom", "unset"), Channel("wecom", "broken"), Channel("wecom", "robot")]
    assert [problem.code for problem in send_to_channels(SAID, heard)] == ["CONNECTION_UNSET", "NOTIFY_FAILED"]
    assert len(city.asked) == 1


def test_what_is_one_departments_is_told_to_it_alone(city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city.answer = lambda asked: reply(OK["wecom"])
    connect(monkeypatch, robot={"uri": city.url})
    send_to_channels(SAID, configured_channels({"CITYLAKE_NOTIFY": "wecom:robot@环保局"}))
    assert city.asked == []
    send_to_channels(SAID, configured_channels({"CITYLAKE_NOTIFY": "wecom:robot@交通局  wecom:robot"}))
    assert len(city.asked) == 2


def test_a_letter_goes_to_the_addresses_and_the_steward(mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"from": "lake@city.org", "to": "ops@city.org", "stewards": True}
    connect(monkeypatch, mail={"uri": f"smtp://lake:p%40ss@127.0.0.1:{mailbox.port}", "options": options})
    assert send_to_channels(SAID, [Channel("smtp", "mail")]) == []
    ((to, letter),) = mailbox.letters
    assert to == ["ops@city.org", "a@b.org"]
    assert (letter["Subject"], letter["From"]) == ("数据逾期 · Late <data>", "lake@city.org")
    assert letter.get_content().split() == ["数据逾期", "三天", "&", "两夜", "Late", "<data>", "three", "days"]
    assert mailbox.logins == [("lake", "p@ss")]


def test_a_mail_server_that_says_no_is_a_failure(mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.refuses = "ops@city.org"
    connect(monkeypatch, mail={"uri": f"smtp://127.0.0.1:{mailbox.port}", "options": {"to": "ops@city.org"}})
    (problem,) = send_to_channels(SAID, [Channel("smtp", "mail")])
    assert problem.code == "NOTIFY_FAILED"
    connect(monkeypatch, mail={"uri": f"smtp://127.0.0.1:{mailbox.port}"})
    assert [each.code for each in send_to_channels(SAID, [Channel("smtp", "mail")])] == ["NOTIFY_NOBODY"]


def test_a_mail_server_that_says_later_is_asked_again(mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.busy = 1
    connect(monkeypatch, mail={"uri": f"smtp://127.0.0.1:{mailbox.port}", "options": {"to": "ops@city.org"}})
    assert send_to_channels(SAID, [Channel("smtp", "mail")]) == []
    assert len(mailbox.letters) == 1


def test_a_recipient_that_is_refused_is_told_though_others_heard(mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.refuses = "a@b.org"
    options = {"to": "ops@city.org", "stewards": True}
    connect(monkeypatch, mail={"uri": f"smtp://127.0.0.1:{mailbox.port}", "options": options})
    (problem,) = problems = send_to_channels(SAID, [Channel("smtp", "mail")])
    assert (problem.code, is_delivered(problems)) == ("NOTIFY_PARTLY", True)
    assert "a@b.org" in render_issue(problem.code, problem.values)
    assert [to for to, _ in mailbox.letters] == [["ops@city.org"]]


def test_a_password_goes_only_to_a_server_whose_certificate_is_trusted(
    secure_mailbox: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, certificate = secure_mailbox
    options = {"to": "ops@city.org"}
    connect(monkeypatch, mail={"uri": f"smtps://lake:secret@127.0.0.1:{box.port}", "options": options})
    (problem,) = send_to_channels(SAID, [Channel("smtp", "mail")])
    assert "CERTIFICATE_VERIFY_FAILED" in str(problem.values["why"])
    assert box.logins == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert send_to_channels(SAID, [Channel("smtp", "mail")]) == []
    assert box.logins == [("lake", "secret")]


def test_whatever_a_connection_holds_sending_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, mail={"uri": "smtp://127.0.0.1:1", "options": {"to": 5}}, robot={"uri": "nowhere?key=hush"})
    problems = send_to_channels(SAID, [Channel("smtp", "mail"), Channel("wecom", "robot")])
    assert [problem.code for problem in problems] == ["NOTIFY_FAILED", "NOTIFY_FAILED"]
    assert "hush" not in str(problems)


def test_unset_nothing_is_told_and_unreadable_it_says_how_to_write_it() -> None:
    assert configured_channels({}) == ()
    with pytest.raises(CitylakeError, match="telegram:x") as caught:
        configured_channels({"CITYLAKE_NOTIFY": "slack:a telegram:x"})
    assert "wecom" in render_issue(caught.value.code, caught.value.values)


def test_every_message_has_words_in_both_languages() -> None:
    found = build_message("test")
    assert found.title.keys() == found.text.keys() == {"zh", "en"}


@pytest.mark.parametrize("name", ["test", "late", "late_never", "fresh", "run_late", "held"])
def test_a_robot_that_asks_for_a_keyword_finds_the_same_in_every_message(name: str) -> None:
    given = dict.fromkeys(("dataset", "title_zh", "title_en", "department", "newest", "allowed", "run"), "x")
    found = build_message(name, **given, due="x", state="x", codes="x", batch="x")
    assert "数据" in found.lines("")


@given(st.text(), st.integers(3, 60))
def test_what_is_cut_fits_and_is_the_beginning(text: str, most: int) -> None:
    found = truncate_utf8(text, most)
    assert len(found.encode()) <= most
    assert found == text or text.startswith(found.removesuffix("…"))
