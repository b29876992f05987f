"""A dataset's run that takes longer than its data may be old: Airflow's deadline alert tells people of it."""

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

from dags.connections import declared
from pipelines.notify.message import whose
from schemas.contract import Contract
from schemas.declaration import length

QUIET = timedelta(days=1)
"""For so long after one run of a dataset, others of it are not told: one that runs every five minutes has many."""

_known: dict[str, Mapping[str, Any]] = {}
_last: dict[str | None, datetime] = {}
"""When each dataset was told of; a triggerer that starts anew tells once more."""


def deadline(contract: Contract) -> DeadlineAlert | None:
    """From the moment that a run is queued, its data may take as long as the contract lets them be old.

    Not from the logical date: a run for a partition has none. The triggerer is told here all that it says later: it
    lives longer than declarations stay as they are.
    """
    if contract.expect.freshness is None or contract.schedule is None:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=length(contract.expect.freshness),
        callback=AsyncCallback(run_late, kwargs={"about": whose(contract), "zone": contract.schedule.timezone}),
        name="freshness",
    )


async def run_late(about: Mapping[str, str | None], zone: str, context: Mapping[str, Any]) -> None:
    """Tell the channels of ``CITYLAKE_NOTIFY`` of a run that has not ended well; runs in the triggerer.

    Nothing is returned: Airflow stores what a callback returns as text, and a list ends the triggerer. Raises
    AirflowException with what could not be told. A backfill's runs wait for each other, and somebody watches them.
    """
    run = context["dag_run"]
    if run["run_type"] == "backfill" or _just_told(about["dataset"]):
        return
    try:
        await _introduce()
        due = f"{_moment(context['deadline']['deadline_time']).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
        failed = await asyncio.to_thread(_tell, about, run=run["dag_run_id"], state=str(run["state"]), due=due)
        if failed:
            raise AirflowException("\n".join(failed))
    except BaseException:
        # What not everybody has heard is told with the next run that is late.
        _last.pop(about["dataset"], None)
        raise


def _just_told(dataset: str | None) -> bool:
    now = datetime.now(UTC)
    if dataset in _last and now - _last[dataset] < QUIET:
        return True
    _last[dataset] = now
    return False


async def _introduce() -> None:
    """Ask Airflow for the channels' connections now: in the thread that tells there is no event loop to ask by."""
    from pipelines.notify.channel import channels
    from pipelines.pull.credentials import look_up_with

    for channel in channels():
        try:
            _known[channel.connection] = declared(await Connection.async_get(channel.connection))
        except AirflowNotFoundException:
            _known.pop(channel.connection, None)
    look_up_with(_known.get)


def _moment(told: datetime | str) -> datetime:
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def _tell(about: Mapping[str, str | None], **values: str) -> list[str]:
    from pipelines.notify.channel import channels
    from pipelines.notify.message import message
    from pipelines.notify.send import send
    from schemas.catalogue import tell

    failed = send(message("run_late", **about, **values), channels())
    return [tell(problem.code, problem.values) for problem in failed]
