"""Sends a message to channels. A channel that fails stops neither the other channels nor the run."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from citylake.pipelines.notify.apprise_service import send_by_apprise
from citylake.pipelines.notify.chat_webhooks import post_webhook
from citylake.pipelines.notify.notify_channel import WEBHOOK_KINDS, Channel
from citylake.pipelines.notify.notify_message import Message
from citylake.pipelines.notify.smtp_mail import send_mail
from citylake.pipelines.pull.credentials import load_credentials
from citylake.schemas.words.contained_faults import describe_fault, is_contained
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import render_issue

log = logging.getLogger(__name__)


def send_to_channels(message: Message, channels: Iterable[Channel]) -> list[Problem]:
    """Send the message to every channel that receives its department. Failures are logged and returned, redacted."""
    failed = [problem for channel in channels if (problem := _send_to_channel(message, channel)) is not None]
    for problem in failed:
        log.error("%s", render_issue(problem.code, problem.values))
    return failed


def is_delivered(problems: Iterable[Problem]) -> bool:
    """Return whether a channel accepted the message, for at least some recipients.

    A partly delivered message is not sent again, because the recipients that got it would get it twice.
    """
    return all(problem.code == "NOTIFY_PARTLY" for problem in problems)


def _send_to_channel(message: Message, channel: Channel) -> Problem | None:
    if not channel.hears(message.department):
        return None
    try:
        known = load_credentials(channel.connection)
    except CitylakeError as error:
        return error.problem
    try:
        if channel.kind == "smtp":
            refused = send_mail(message, known)
            return (
                Problem("NOTIFY_PARTLY", {"channel": str(channel), "refused": ", ".join(refused)}) if refused else None
            )
        if channel.kind in WEBHOOK_KINDS:
            post_webhook(channel.kind, message, known)
        else:
            send_by_apprise(message, known)
    except CitylakeError as error:
        return error.problem
    except BaseException as error:
        # A failed notification must not stop a run.
        if not is_contained(error):
            raise
        why = known.redact(describe_fault(error))
        return Problem("NOTIFY_FAILED", {"channel": str(channel), "why": why})
    return None
