"""Once a day to the channels of ``CITYLAKE_NOTIFY_DIGEST``: what people decided, and in Airflow what the runs did.

A channel of one department receives its own part; a channel without a department receives everything in one message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from citylake.pipelines.acts.acts_digest import ActsDigest, digest_acts, today
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.run_digests import send_news
from citylake.pipelines.flow.scheduler_tasks import open_task_context
from citylake.pipelines.lake.ledger import batches_table
from citylake.pipelines.notify.department_news import DepartmentNews, news_of_ledger_rows
from citylake.pipelines.notify.notify_message import LANGUAGES, Message
from citylake.pipelines.notify.run_digest import digest_channels, join_digests
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.message_catalogue import render_issue, translate_key


def send_acts_digest(context: RunContext, day: date) -> list[Problem]:
    """Send the acts of ``day`` (in the workspace's time zone), and return the failures; nothing without acts."""
    channels = digest_channels()
    digest = digest_acts(context.ledger, context.registry, day) if channels else None
    if digest is None or digest.empty:
        return []
    from citylake.pipelines.notify.notify_sender import send_to_channels

    messages = [_acts_message(digest, name) for name in digest.counts["department"].unique(maintain_order=True)]
    failed: list[Problem] = []
    for channel in channels:
        for message in messages if channel.department else [join_digests(messages)]:
            failed += send_to_channels(message, [channel])
    return failed


def _acts_message(digest: ActsDigest, department: str) -> Message:
    title = {each: translate_key("notify.acts_title", each, department=department) for each in LANGUAGES}
    return Message(title, {each: digest.text(each, department) for each in LANGUAGES}, department)


def news_of_day(context: RunContext, day: date) -> list[DepartmentNews]:
    """Return what the runs of ``day`` did, a department each."""
    zone = ZoneInfo(context.registry.workspace.settings.timezone)
    rows = context.ledger.scan(batches_table.TABLE).filter(
        pl.col("recorded_at").dt.convert_time_zone(zone.key).dt.date() == day
    )
    return news_of_ledger_rows(context.registry, rows.sort("sequence").collect(engine="streaming").to_dicts())


def digest_task(run: str) -> list[str]:
    """Send yesterday's news and acts, as a scheduler's task. Returns the failures as English lines.

    They are not raised: a task that runs again would send the others twice.
    """
    context = open_task_context(run)
    day = today(context.registry) - timedelta(days=1)
    failed = [*send_news(context, news_of_day(context, day)), *send_acts_digest(context, day)]
    return _lines(failed)


def _lines(failed: Sequence[Problem]) -> list[str]:
    return [render_issue(problem.code, problem.values, "en") for problem in failed]
