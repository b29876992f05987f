"""Telling people: every channel that hears, each on its own; one that fails stops neither the others nor a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pipelines.notify.channel import Channel
from pipelines.notify.mail import mail
from pipelines.notify.message import Message
from pipelines.notify.webhooks import post
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


def took(problems: Iterable[Problem]) -> bool:
    """Whether a channel heard, if not with everybody who listens to it: those others would hear it twice."""
    return all(problem.code == "NOTIFY_PARTLY" for problem in problems)


def _sent(message: Message, channel: Channel) -> Problem | None:
    if not channel.hears(message.department):
        return None
    try:
        known = credentials(channel.connection)
    except CitylakeError as error:
        return error.problem
    try:
        if channel.kind == "smtp":
            refused = mail(message, known)
            return (
                Problem("NOTIFY_PARTLY", {"channel": str(channel), "refused": ", ".join(refused)}) if refused else None
            )
        post(channel.kind, message, known)
    except CitylakeError as error:
        return error.problem
    except Exception as error:
        # Whatever it is: data must not wait for a message.
        why = known.redact(f"{type(error).__name__}: {error}")
        return Problem("NOTIFY_FAILED", {"channel": str(channel), "why": why})
    return None
