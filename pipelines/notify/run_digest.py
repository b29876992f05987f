"""One digest per run and department, to the channels of ``CITYLAKE_NOTIFY_DIGEST``.

A channel of one department receives its own; a channel without a department receives all of them in one message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from citylake.pipelines.notify.department_news import DepartmentNews
from citylake.pipelines.notify.notify_channel import DIGEST_VARIABLE, Channel, configured_channels
from citylake.pipelines.notify.notify_message import LANGUAGES, Message, build_message
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import issue_types, render_issue, translate_key

log = logging.getLogger(__name__)
MOST_REASONS = 5
"""Reasons that a digest lists, those with most rows first; the others are counted."""
Waiting = Callable[[str], tuple[int, int]]
"""Of a department: its refused rows that wait for a person, and how many of them are overdue."""


def send_digests(news: Sequence[DepartmentNews], waiting: Waiting) -> list[Problem]:
    """Send the digests, and return the failures, which are logged. Nothing is sent without news."""
    channels = digest_channels() if news else ()
    if not channels:
        return []
    from citylake.pipelines.notify.notify_sender import send_to_channels

    messages = [build_digest(each, *waiting(each.department)) for each in news]
    failed: list[Problem] = []
    for channel in channels:
        for message in messages if channel.department else [join_digests(messages)]:
            failed += send_to_channels(message, [channel])
    return failed


def digest_channels() -> tuple[Channel, ...]:
    """Return the channels of digests; none, and a log entry, if the variable cannot be read."""
    try:
        return configured_channels(variable=DIGEST_VARIABLE)
    except CitylakeError as error:
        log.error("%s", render_issue(error.code, error.values))
        return ()


def build_digest(news: DepartmentNews, waiting: int, overdue: int) -> Message:
    """Return the digest of one department; ``waiting``: its rows that wait for a person, ``overdue`` of them late."""
    head = build_message(
        "digest",
        department=news.department,
        datasets=len(news.datasets),
        standard=f"{news.standard:,}",
        quarantined=f"{news.quarantined:,}",
    )
    text = {each: "\n".join([head.text[each], *_lines(news, waiting, overdue, each)]) for each in LANGUAGES}
    return Message(head.title, text, news.department)


def _lines(news: DepartmentNews, waiting: int, overdue: int, language: str) -> list[str]:
    lines = [_stopped_line(name, *stopped, language=language) for name, stopped in sorted(news.stopped.items())]
    lines += [_reason_line(code, rows, language) for code, rows in news.issues.most_common(MOST_REASONS)]
    rest = len(news.issues) - MOST_REASONS
    if rest > 0:
        lines.append("- " + translate_key("notify.digest_more", language, count=rest))
    if news.values_refused:
        lines.append("- " + translate_key("notify.digest_values", language, count=f"{news.values_refused:,}"))
    if waiting:
        values = {"count": f"{waiting:,}", "overdue": f"{overdue:,}", "department": news.department}
        lines.append("- " + translate_key("notify.digest_waiting", language, **values))
    return lines


def _stopped_line(dataset: str, status: str, *codes: str, language: str) -> str:
    named = translate_key(f"report.status.{status}", language)
    return f"- {dataset}: {named} ({', '.join(codes) or '—'})"


def _reason_line(code: str, rows: int, language: str) -> str:
    known = issue_types().get(code)
    title = known.title.say(language) if known and known.title else code
    return "- " + translate_key("notify.digest_reason", language, title=title, code=code, rows=f"{rows:,}")


def join_digests(messages: Sequence[Message]) -> Message:
    """Return the digests of several departments as one message, for a channel that is nobody's own."""
    if len(messages) == 1:
        return messages[0]
    title = {each: translate_key("notify.digest_many_title", each, count=len(messages)) for each in LANGUAGES}
    text = {each: "\n\n".join(f"{one.title[each]}\n{one.text[each]}" for one in messages) for each in LANGUAGES}
    return Message(title, text)
