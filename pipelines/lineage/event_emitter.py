"""Telling a collector of each dataset and mart of a run, beside the run: it neither fails nor waits for that."""

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

from citylake.pipelines.context import RunContext
from citylake.pipelines.lineage.lineage_model import JobLineage
from citylake.pipelines.records import BatchResult, Publication
from citylake.pipelines.watch import Watch
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

SendEvent = Callable[["RunEvent"], None]
FLUSH_TIMEOUT_S = 5.0
"""How long a run waits, once it is done, for what is not sent yet."""
_TIMEOUT_S = 2.0


def is_lineage_configured() -> bool:
    """Whether somebody wants to be told: as OpenLineage's own client is configured, and only where that is there."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return False
    wanted = os.environ.get("OPENLINEAGE_URL") or any(name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ)
    return bool(wanted or _has_file()) and importlib.util.find_spec("openlineage") is not None


def _has_file() -> bool:
    usual = ("openlineage.yml", os.path.expanduser("~/.openlineage/openlineage.yml"))
    return any(os.path.isfile(path) for path in (os.environ.get("OPENLINEAGE_CONFIG", ""), *usual))


@contextmanager
def watch_lineage(warn: Callable[[Problem], None]) -> Iterator[Watch]:
    """A watch that tells the collector, if there is one; what could not be told is warned of once, at the end."""
    if not is_lineage_configured():
        yield Watch()
        return
    teller = EventEmitter(_open_sender)
    try:
        yield teller
    finally:
        problem = teller.close()
        if problem:
            warn(problem)


class EventEmitter(Watch):
    """Sends events from a thread of its own; after the first that cannot be sent, no other is tried."""

    def __init__(self, connect: Callable[[], SendEvent]) -> None:
        self._connect = connect
        self._waiting: queue.SimpleQueue[Callable[[], RunEvent] | None] = queue.SimpleQueue()
        self._problem: str | None = None
        self._runs: dict[str, str] = {}
        self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)
        self._thread.start()

    def dataset_begins(self, context: RunContext, contract: Contract) -> None:
        """START, with what the contract says."""
        self.dataset_ends(context, contract, (), ended=False)

    def dataset_ends(
        self, context: RunContext, contract: Contract, results: Sequence[BatchResult], *, ended: bool = True
    ) -> None:
        """COMPLETE, or FAIL where a batch was held or a source gave less than it should."""

        def told() -> JobLineage:
            from citylake.pipelines.lineage.dataset_job import describe_dataset_job

            return describe_dataset_job(context, contract, results)

        self._put(f"dataset.{contract.dataset}", told, ended=ended)

    def mart_begins(self, context: RunContext, mart: Mart) -> None:
        """START, with what the SQL says."""
        self.mart_ends(context, mart, None)

    def mart_ends(self, context: RunContext, mart: Mart, done: Publication | None) -> None:
        """COMPLETE, or FAIL where it was held or failed."""

        def told() -> JobLineage:
            from citylake.pipelines.lineage.mart_job import describe_mart_job

            return describe_mart_job(context, mart, done)

        self._put(f"mart.{mart.mart}", told, ended=done is not None)

    def _put(self, job: str, told: Callable[[], JobLineage], *, ended: bool) -> None:
        at = datetime.now(UTC)

        def made() -> RunEvent:
            from openlineage.client.uuid import generate_new_uuid

            from citylake.pipelines.lineage.openlineage_events import RunMoment, build_run_event

            run = self._runs.setdefault(job, str(generate_new_uuid(at)))
            return build_run_event(told(), RunMoment(run, at, ended))

        self._waiting.put(made)

    def _work(self) -> None:
        send: SendEvent | None = None
        while (made := self._waiting.get()) is not None:
            if self._problem is None:
                try:
                    send = send or self._connect()
                    send(made())
                except Exception as error:
                    self._problem = f"{type(error).__name__}: {error}"

    def close(self) -> Problem | None:
        """Wait a little for the rest; what went wrong, if anything did."""
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
        # What cannot be sent is told once, by us.
        for name in ("openlineage", "urllib3.connectionpool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    plain = not _has_file() and not any(name.startswith("OPENLINEAGE__") for name in os.environ)
    if not plain:
        return OpenLineageClient().emit
    return OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(_url_settings()))).emit


def _url_settings() -> dict[str, Any]:
    """The client's own variables, with less patience than it has."""
    found: dict[str, Any] = {"url": os.environ["OPENLINEAGE_URL"], "timeout": _TIMEOUT_S, "retry": {"total": 1}}
    if endpoint := os.environ.get("OPENLINEAGE_ENDPOINT"):
        found["endpoint"] = endpoint
    if key := os.environ.get("OPENLINEAGE_API_KEY"):
        found["auth"] = {"type": "api_key", "apiKey": key}
    return found
