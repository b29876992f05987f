"""Webhooks of 企业微信 (WeCom) and 钉钉 (DingTalk).

Both accept JSON by POST to a URL that is itself a secret, and always return HTTP 200, with ``errcode`` 0 if the message
was accepted. Apprise 2.3 takes every such reply for a success, so these two are not sent through it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import quote_plus

import httpx

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.notify.notify_message import Message, truncate_utf8
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.bounded_network import bounded_client

TIMEOUT_S, DEADLINE_S = 10.0, 60.0
"""The longest silence of the service, and the longest time of all attempts together, s."""
ATTEMPTS = 3
MESSAGE_LIMITS = {"wecom": 4096, "dingtalk": 20_000}
"""Maximum message size in bytes; WeCom's is its documented limit for markdown."""


class WebhookRefusedError(Exception):
    """The service rejected the message. Holds the service's own text."""


class WebhookRetryError(Exception):
    """The service is temporarily unavailable (HTTP 429 or 5xx)."""


def post_webhook(kind: str, message: Message, credentials: Credentials) -> None:
    """Send ``message``, with up to ``ATTEMPTS`` attempts.

    Raises WebhookRefusedError at once, and WebhookRetryError or httpx.TransportError after the last attempt.
    """
    asks = retry_attempts((httpx.TransportError, WebhookRetryError), attempts=ATTEMPTS, wait_initial=0.2, wait_max=5)
    with bounded_client(DEADLINE_S, timeout=TIMEOUT_S) as (client, _):
        for attempt in asks:
            with attempt:
                _check_answer(client.post(webhook_url(kind, credentials), json=webhook_body(kind, message)))


def webhook_body(kind: str, message: Message) -> dict[str, Any]:
    """Return the JSON body of the request, with the text truncated to the limit of the service."""
    limit = MESSAGE_LIMITS[kind]
    text = message.lines("**")
    if kind == "wecom":
        return {"msgtype": "markdown", "markdown": {"content": truncate_utf8(text, limit)}}
    # DingTalk joins lines that do not end with two spaces.
    text = truncate_utf8(text.replace("\n", "  \n"), limit)
    return {"msgtype": "markdown", "markdown": {"title": message.subject, "text": text}}


def webhook_url(kind: str, credentials: Credentials, now_ms: int | None = None) -> str:
    """Return the webhook URL; for DingTalk, signed if the connection has ``sign: {secret: …}``.

    The signature is the HMAC-SHA256 of the Unix time in milliseconds, a line feed and the secret, in base64,
    percent-encoded (DingTalk, custom robots).
    """
    url = credentials.uri or ""
    secret = credentials.sign.get("secret")
    if kind != "dingtalk" or not secret:
        return url
    stamp = str(now_ms if now_ms is not None else int(time.time() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}"


def _check_answer(answer: httpx.Response) -> None:
    if answer.status_code >= 500 or answer.status_code == 429:
        raise WebhookRetryError(f"HTTP {answer.status_code}")
    if answer.status_code != 200:
        raise WebhookRefusedError(f"HTTP {answer.status_code} {answer.text[:200]}")
    try:
        body = answer.json()
    except ValueError as error:
        raise WebhookRefusedError(answer.text[:200]) from error
    if not isinstance(body, dict) or body.get("errcode") != 0:
        raise WebhookRefusedError(answer.text[:200])
