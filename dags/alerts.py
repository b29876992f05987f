"""Airflow's deadline alert for a dataset's run that takes longer than its data may be old."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Connection
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from citylake.dags.connections import connection_value
from citylake.pipelines.notify.notify_message import contract_placeholders
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract

QUIET_PERIOD = timedelta(days=1)
"""Time after an alert during which other runs of the dataset raise none: one every five minutes would raise many."""

_connections: dict[str, Mapping[str, Any]] = {}
_last: dict[str | None, datetime] = {}
"""When each dataset was last alerted; a restarted triggerer alerts once more."""


def deadline_alert(contract: Contract) -> DeadlineAlert | None:
    """A deadline as long after the run is queued as the contract lets the data be old.

    Not counted from the logical date: a run for a partition has none. The message is passed to the triggerer here,
    because a triggerer outlives changes of the declarations.
    """
    if contract.expect.freshness is None or contract.schedule is None:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=parse_duration(contract.expect.freshness),
        callback=AsyncCallback(
            run_late, kwargs={"about": contract_placeholders(contract), "zone": contract.schedule.timezone}
        ),
        name="freshness",
    )


async def run_late(about: Mapping[str, str | None], zone: str, context: Mapping[str, Any]) -> None:
    """Send an alert about an unfinished or failed run to the channels of ``CITYLAKE_NOTIFY``; runs in the triggerer.

    Nothing is returned: Airflow stores what a callback returns as text, and a list ends the triggerer. Raises
    AirflowException with the messages that could not be sent. Runs of a backfill queue behind each other and raise no
    alert.
    """
    run = context["dag_run"]
    if run["run_type"] == "backfill" or _recently_alerted(about["dataset"]):
        return
    try:
        await _introduce()
        due = f"{_moment(context['deadline']['deadline_time']).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
        failed = await asyncio.to_thread(_tell, about, run=run["dag_run_id"], state=str(run["state"]), due=due)
        if failed:
            raise AirflowException("\n".join(failed))
    except BaseException:
        # A message that a channel did not accept is sent again with the next late run.
        _last.pop(about["dataset"], None)
        raise


def _recently_alerted(dataset: str | None) -> bool:
    now = datetime.now(UTC)
    if dataset in _last and now - _last[dataset] < QUIET_PERIOD:
        return True
    _last[dataset] = now
    return False


async def _introduce() -> None:
    """Read the channels' connections from Airflow now: the sending thread has no event loop to do so."""
    from citylake.pipelines.notify.notify_channel import configured_channels
    from citylake.pipelines.pull.credentials import register_connection_lookup

    for channel in configured_channels():
        try:
            _connections[channel.connection] = connection_value(await Connection.async_get(channel.connection))
        except AirflowNotFoundException:
            _connections.pop(channel.connection, None)
    register_connection_lookup(_connections.get)


def _moment(told: datetime | str) -> datetime:
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def _tell(about: Mapping[str, str | None], **values: str) -> list[str]:
    from citylake.pipelines.notify.notify_channel import configured_channels
    from citylake.pipelines.notify.notify_message import build_message
    from citylake.pipelines.notify.notify_sender import send_to_channels
    from citylake.schemas.words.message_catalogue import render_issue

    failed = send_to_channels(build_message("run_late", **about, **values), configured_channels())
    return [render_issue(problem.code, problem.values) for problem in failed]
