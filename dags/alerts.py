"""A dataset's run that takes longer than its data may be old: Airflow's deadline alert tells people of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowNotFoundException

from dags.connections import declared
from schemas.contract import Contract
from schemas.declaration import length

_known: dict[str, Mapping[str, Any]] = {}


def deadline(contract: Contract) -> DeadlineAlert | None:
    """From the moment that a run is queued, its data may take as long as the contract lets them be old."""
    if contract.expect.freshness is None or contract.schedule is None:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=length(contract.expect.freshness),
        callback=AsyncCallback(run_late, kwargs={"dataset": contract.dataset}),
        name="freshness",
    )


async def run_late(dataset: str, context: Mapping[str, Any]) -> list[str]:
    """Tell the channels of ``CITYLAKE_NOTIFY`` of a run that has not ended; runs in the triggerer.

    Returns what could not be told.
    """
    from pipelines.notify.channel import channels
    from pipelines.pull.credentials import look_up_with

    heard = channels()
    for channel in heard:
        try:
            _known[channel.connection] = declared(await Connection.async_get(channel.connection))
        except AirflowNotFoundException:
            continue
    look_up_with(_known.get)
    run, due = context["dag_run"]["dag_run_id"], context["deadline"]["deadline_time"]
    return await asyncio.to_thread(_tell, dataset, run, str(due))


def _tell(dataset: str, run: str, due: str) -> list[str]:
    from dags.settings import registry
    from pipelines.alert import about
    from pipelines.notify.channel import channels
    from pipelines.notify.send import send
    from schemas.catalogue import tell

    told = about("run_late", registry().contracts[dataset], run=run, due=due)
    return [tell(problem.code, problem.values) for problem in send(told, channels())]
