"""Notifies the channels of ``CITYLAKE_NOTIFY_HELD`` about damage that the daily verification has found."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from citylake.pipelines.notify.notify_channel import HELD_VARIABLE, configured_channels
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import render_issue

log = logging.getLogger(__name__)
MAX_FILES = 8
"""Maximum number of findings in a message."""


def notify_damage(problems: Sequence[Problem]) -> None:
    """Send one message that lists the findings, each day until they are repaired. A failure is logged, not raised."""
    if not problems:
        return
    from citylake.pipelines.notify.notify_message import LANGUAGES, Message, build_message
    from citylake.pipelines.notify.notify_sender import send_to_channels

    try:
        channels = configured_channels(variable=HELD_VARIABLE)
    except CitylakeError as error:
        log.error("%s", render_issue(error.code, error.values))
        return
    head = build_message("damage", count=len(problems))
    listed = {
        each: "\n".join(f"- {render_issue(item.code, item.values, each)}" for item in problems[:MAX_FILES])
        for each in LANGUAGES
    }
    send_to_channels(Message(head.title, {each: f"{head.text[each]}\n{listed[each]}" for each in LANGUAGES}), channels)
