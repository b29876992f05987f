"""After a run: its digests to the channels of ``CITYLAKE_NOTIFY_DIGEST``. A failure is logged, and stops nothing."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.context import RunContext
from citylake.pipelines.notify.department_news import DepartmentNews, news_of_results
from citylake.pipelines.notify.run_digest import digest_channels, send_digests
from citylake.pipelines.records import BatchResult
from citylake.schemas.words.errors import Problem


def send_run_digests(context: RunContext, results: Sequence[BatchResult]) -> list[Problem]:
    """Send one digest for each department with news, and return the failures. Without channels nothing is read."""
    return send_news(context, news_of_results(context.registry, results)) if digest_channels() else []


def send_news(context: RunContext, news: Sequence[DepartmentNews]) -> list[Problem]:
    """Send digests of ``news``, with the rows that wait for a person now; return the failures."""
    return send_digests(news, lambda department: count_waiting(context, department))


def count_waiting(context: RunContext, department: str) -> tuple[int, int]:
    """Return the quarantined rows of a department that wait for a person, and how many are past their due date."""
    from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
    from citylake.pipelines.read.quarantine_states import WAITING_STATES

    asked = QuarantineQuery(context.lake, context.registry, context.ledger)
    found = asked.by_state(QuarantineFilter(department=department, states=WAITING_STATES))
    return (int(found["rows"].sum()), int(found["overdue"].sum())) if found.height else (0, 0)
