"""A service that never answers, or trickles, delays a run by a bounded time and is reported."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from citylake.pipelines.notify import apprise_service, chat_webhooks, smtp_mail
from citylake.pipelines.notify.notify_channel import Channel
from citylake.pipelines.notify.notify_message import Message
from citylake.pipelines.notify.notify_sender import send_to_channels
from tests.raw_server import raw_server, silent, trickling

# A module that one of Apprise's plugins imports.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
SAID = Message({"zh": "试", "en": "test"}, {"zh": "试", "en": "test"})
SLOW_REPLY = trickling(b"", b"220-a\r\n")
SLOW_HEADERS = trickling(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")
ENOUGH_S = 15.0


@pytest.mark.parametrize("talk", [silent, SLOW_REPLY, SLOW_HEADERS], ids=["silent", "slow reply", "slow headers"])
@pytest.mark.parametrize("kind", ["wecom", "chat", "smtp", "smtps"])
def test_a_service_that_does_not_answer_is_reported_in_time(
    monkeypatch: pytest.MonkeyPatch, kind: str, talk: Any
) -> None:
    for module in (apprise_service, chat_webhooks, smtp_mail):
        monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
        monkeypatch.setattr(module, "DEADLINE_S", 0.4)
        monkeypatch.setattr(module, "ATTEMPTS", 2)
    began = time.monotonic()
    with raw_server(talk) as port:
        scheme = {"wecom": "http", "chat": "json"}.get(kind, kind)
        said = {"uri": f"{scheme}://127.0.0.1:{port}", "options": {"from": "a@example.org", "to": "b@example.org"}}
        monkeypatch.setenv("CITYLAKE_CONN_SILENT", json.dumps(said))
        (problem,) = send_to_channels(SAID, [Channel(kind.removesuffix("s"), "silent")])
    assert problem.code == "NOTIFY_FAILED"
    assert time.monotonic() - began < ENOUGH_S
