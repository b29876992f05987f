"""Telling people: every channel that hears, each on its own; one that fails stops neither the others nor a run."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable

import httpx

from pipelines.notify.channel import Channel
from pipelines.notify.mail import mail
from pipelines.notify.message import Message
from pipelines.notify.webhooks import AgainError, RefusedError, post
from pipelines.pull.credentials import credentials
from schemas.catalogue import tell
from schemas.faults import CitylakeError, Problem

log = logging.getLogger(__name__)


def send(message: Message, channels: Iterable[Channel]) -> list[Problem]:
    """Tell every channel that hears; what failed, without its secrets, is logged and returned."""
    failed = [problem for channel in channels if (problem := _sent(message, channel)) is not None]
    for problem in failed:
        log.error("%s", tell(problem.code, problem.values))
    return failed


def _sent(message: Message, channel: Channel) -> Problem | None:
    if not channel.hears(message.department):
        return None
    try:
        known = credentials(channel.connection)
    except CitylakeError as error:
        return error.problem
    try:
        if channel.kind == "smtp":
            mail(message, known)
        else:
            post(channel.kind, message, known)
    except CitylakeError as error:
        return error.problem
    except (
        OSError,
        ValueError,
        smtplib.SMTPException,
        httpx.HTTPError,
        httpx.InvalidURL,
        AgainError,
        RefusedError,
    ) as error:
        why = known.redact(f"{type(error).__name__}: {error}")
        return Problem("NOTIFY_FAILED", {"channel": str(channel), "why": why})
    return None
