"""Sends OpenLineage events for each dataset and mart of a run, from a thread that neither fails nor delays the run."""

from __future__ import annotations

import importlib.util
import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from citylake.pipelines.context import RunContext, Watch
from citylake.pipelines.lineage.lineage_model import JobLineage
from citylake.pipelines.records import BatchResult, Publication
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.contained_faults import describe_fault
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

SendEvent = Callable[["RunEvent"], None]
FLUSH_TIMEOUT_S = 5.0
"""Seconds that a finished run waits for events that are not sent yet."""
_TIMEOUT_S = 2.0


def is_lineage_configured() -> bool:
    """Return whether OpenLineage is configured, by the variables and files of its own client, and is installed."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return False
    wanted = os.environ.get("OPENLINEAGE_URL") or any(name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ)
    return bool(wanted or _has_file()) and importlib.util.find_spec("openlineage") is not None


def _has_file() -> bool:
    usual = ("openlineage.yml", os.path.expanduser("~/.openlineage/openlineage.yml"))
    return any(os.path.isfile(path) for path in (os.environ.get("OPENLINEAGE_CONFIG", ""), *usual))


@contextmanager
def watch_lineage(warn: Callable[[Problem], None]) -> Iterator[Watch]:
    """Yield a watch that sends events if lineage is configured. A failure is passed to ``warn`` once, at the end."""
    if not is_lineage_configured():
        yield Watch()
        return
    emitter = EventEmitter(_open_sender)
    try:
        yield emitter
    finally:
        problem = emitter.close()
        if problem:
            warn(problem)


class EventEmitter(Watch):
    """Sends events from its own thread. After the first failure no other event is sent."""

    def __init__(self, connect: Callable[[], SendEvent]) -> None:
        self._connect = connect
        self._waiting: queue.SimpleQueue[Callable[[], RunEvent] | None] = queue.SimpleQueue()
        self._problem: str | None = None
        self._runs: dict[str, str] = {}
        self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)
        self._thread.start()

    def dataset_begins(self, context: RunContext, contract: Contract) -> None:
        """Send START, with the lineage of the contract."""
        self.dataset_ends(context, contract, (), ended=False)

    def dataset_ends(
        self, context: RunContext, contract: Contract, results: Sequence[BatchResult], *, ended: bool = True
    ) -> None:
        """Send COMPLETE, or FAIL if a batch was held or failed or a source was incomplete."""

        def describe() -> JobLineage:
            from citylake.pipelines.lineage.dataset_job import describe_dataset_job

            return describe_dataset_job(context, contract, results)

        self._put(f"dataset.{contract.dataset}", describe, ended=ended)

    def mart_begins(self, context: RunContext, mart: Mart) -> None:
        """Send START, with the lineage of the SQL."""
        self.mart_ends(context, mart, None)

    def mart_ends(self, context: RunContext, mart: Mart, done: Publication | None) -> None:
        """Send COMPLETE, or FAIL if the mart was held or failed."""

        def describe() -> JobLineage:
            from citylake.pipelines.lineage.mart_job import describe_mart_job

            return describe_mart_job(context, mart, done)

        self._put(f"mart.{mart.mart}", describe, ended=done is not None)

    def _put(self, job: str, describe: Callable[[], JobLineage], *, ended: bool) -> None:
        at = datetime.now(UTC)

        # The event is built in the sending thread, so that the run does not wait for it.
        def build_event() -> RunEvent:
            from openlineage.client.uuid import generate_new_uuid

            from citylake.pipelines.lineage.openlineage_events import RunMoment, build_run_event

            run = self._runs.setdefault(job, str(generate_new_uuid(at)))
            return build_run_event(describe(), RunMoment(run, at, ended))

        self._waiting.put(build_event)

    def _work(self) -> None:
        send: SendEvent | None = None
        while (build_event := self._waiting.get()) is not None:
            if self._problem is None:
                try:
                    send = send or self._connect()
                    send(build_event())
                except BaseException as error:
                    # Nobody sees what ends this thread; an event that nobody takes would delay the run at its end.
                    self._problem = describe_fault(error)

    def close(self) -> Problem | None:
        """Wait up to ``FLUSH_TIMEOUT_S`` for the remaining events. Return the problem LINEAGE_UNTOLD, or None."""
        self._waiting.put(None)
        self._thread.join(FLUSH_TIMEOUT_S)
        if self._thread.is_alive() and self._problem is None:
            self._problem = f"> {FLUSH_TIMEOUT_S:g} s"
        return Problem("LINEAGE_UNTOLD", {"why": _one_line(self._problem)}) if self._problem else None


def _one_line(text: str) -> str:
    from citylake.pipelines.pull.redact import redact_url

    return redact_url(text)


def _open_sender() -> SendEvent:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import set_producer
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    from citylake.pipelines.lineage.openlineage_events import producer_uri

    set_producer(producer_uri())
    if "OPENLINEAGE_CLIENT_LOGGING" not in os.environ:
        # A failure is reported once, by ``close``.
        for name in ("openlineage", "urllib3.connectionpool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    plain = not _has_file() and not any(name.startswith("OPENLINEAGE__") for name in os.environ)
    if not plain:
        return OpenLineageClient().emit
    return OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(_url_settings()))).emit


def _url_settings() -> dict[str, Any]:
    """Return the HTTP settings from the client's own variables, with a shorter timeout and fewer retries."""
    found: dict[str, Any] = {"url": os.environ["OPENLINEAGE_URL"], "timeout": _TIMEOUT_S, "retry": {"total": 1}}
    if endpoint := os.environ.get("OPENLINEAGE_ENDPOINT"):
        found["endpoint"] = endpoint
    if key := os.environ.get("OPENLINEAGE_API_KEY"):
        found["auth"] = {"type": "api_key", "apiKey": key}
    return found
