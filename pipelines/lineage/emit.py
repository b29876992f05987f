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

from pipelines.context import Context
from pipelines.lineage.model import Told
from pipelines.records import BatchResult, Publication
from pipelines.watch import Watch
from schemas.contract import Contract
from schemas.faults import Problem
from schemas.mart import Mart

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

Send = Callable[["RunEvent"], None]
PATIENCE_S = 5.0
"""How long a run waits, once it is done, for what is not sent yet."""
_TIMEOUT_S = 2.0


def configured() -> bool:
    """Whether somebody wants to be told: as OpenLineage's own client is configured, and only where that is there."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return False
    wanted = os.environ.get("OPENLINEAGE_URL") or any(name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ)
    return bool(wanted or _has_file()) and importlib.util.find_spec("openlineage") is not None


def _has_file() -> bool:
    usual = ("openlineage.yml", os.path.expanduser("~/.openlineage/openlineage.yml"))
    return any(os.path.isfile(path) for path in (os.environ.get("OPENLINEAGE_CONFIG", ""), *usual))


@contextmanager
def watching(warn: Callable[[Problem], None]) -> Iterator[Watch]:
    """A watch that tells the collector, if there is one; what could not be told is warned of once, at the end."""
    if not configured():
        yield Watch()
        return
    teller = Teller(_sender)
    try:
        yield teller
    finally:
        problem = teller.close()
        if problem:
            warn(problem)


class Teller(Watch):
    """Sends events from a thread of its own; after the first that cannot be sent, no other is tried."""

    def __init__(self, connect: Callable[[], Send]) -> None:
        self._connect = connect
        self._waiting: queue.SimpleQueue[Callable[[], RunEvent] | None] = queue.SimpleQueue()
        self._problem: str | None = None
        self._runs: dict[str, str] = {}
        self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)
        self._thread.start()

    def dataset_begins(self, context: Context, contract: Contract) -> None:
        """START, with what the contract says."""
        self.dataset_ends(context, contract, (), ended=False)

    def dataset_ends(
        self, context: Context, contract: Contract, results: Sequence[BatchResult], *, ended: bool = True
    ) -> None:
        """COMPLETE, or FAIL where a batch was held or a source gave less than it should."""

        def told() -> Told:
            from pipelines.lineage.datasets import told_of

            return told_of(context, contract, results)

        self._put(f"dataset.{contract.dataset}", told, ended=ended)

    def mart_begins(self, context: Context, mart: Mart) -> None:
        """START, with what the SQL says."""
        self.mart_ends(context, mart, None)

    def mart_ends(self, context: Context, mart: Mart, done: Publication | None) -> None:
        """COMPLETE, or FAIL where it was held or failed."""

        def told() -> Told:
            from pipelines.lineage.marts import told_of

            return told_of(context, mart, done)

        self._put(f"mart.{mart.mart}", told, ended=done is not None)

    def _put(self, job: str, told: Callable[[], Told], *, ended: bool) -> None:
        at = datetime.now(UTC)

        def made() -> RunEvent:
            from openlineage.client.uuid import generate_new_uuid

            from pipelines.lineage.events import Moment, event

            run = self._runs.setdefault(job, str(generate_new_uuid(at)))
            return event(told(), Moment(run, at, ended))

        self._waiting.put(made)

    def _work(self) -> None:
        send: Send | None = None
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
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive() and self._problem is None:
            self._problem = f"> {PATIENCE_S:g} s"
        return Problem("LINEAGE_UNTOLD", {"why": _shown(self._problem)}) if self._problem else None


def _shown(text: str) -> str:
    from pipelines.pull.redact import shown_url

    return shown_url(text)


def _sender() -> Send:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import set_producer
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    from pipelines.lineage.events import producer

    set_producer(producer())
    if "OPENLINEAGE_CLIENT_LOGGING" not in os.environ:
        # What cannot be sent is told once, by us.
        for name in ("openlineage", "urllib3.connectionpool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    plain = not _has_file() and not any(name.startswith("OPENLINEAGE__") for name in os.environ)
    if not plain:
        return OpenLineageClient().emit
    return OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(_by_url()))).emit


def _by_url() -> dict[str, Any]:
    """The client's own variables, with less patience than it has."""
    found: dict[str, Any] = {"url": os.environ["OPENLINEAGE_URL"], "timeout": _TIMEOUT_S, "retry": {"total": 1}}
    if endpoint := os.environ.get("OPENLINEAGE_ENDPOINT"):
        found["endpoint"] = endpoint
    if key := os.environ.get("OPENLINEAGE_API_KEY"):
        found["auth"] = {"type": "api_key", "apiKey": key}
    return found
