"""A session of a Spark Connect endpoint: reached with retries, told of, ended after a time, closed."""

from __future__ import annotations

import atexit
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.marts.spark.call_limits import CallLimits
from citylake.pipelines.marts.spark.engine_choice import REMOTE, spark_remote
from citylake.pipelines.marts.spark.spark_faults import remote_port, shown_remote, spark_reason, unopened
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_REACH_S: Final = 10.0
_ATTEMPTS: Final = 4
TOLD_EVERY_S = 10.0
_SETTINGS: Final = {
    # A wrong number must be an error, as it is in DuckDB.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
}
_EXCLUDED: Final = "spark.sql.optimizer.excludedRules"
_BROKEN_RULE: Final = "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases"
"""Apache Spark 4.1's leaves UNION ALL with one column twice below a window: PLAN_VALIDATION_FAILED (SPARK-53308)."""

log = logging.getLogger(__name__)


@contextmanager
def open_session(timezone: str, limit_s: float, what: str) -> Iterator[tuple[SparkSession, CallLimits]]:
    """Yield a session of its own, with the zone of the workspace, whose calls end after ``limit_s`` seconds.

    ``what``: for the log, which tells every ten seconds how far the endpoint is. Raises SPARK_NOT_CONFIGURED,
    SPARK_ADDRESS_UNREADABLE, SPARK_CLIENT_MISSING, SPARK_UNREACHABLE and SPARK_REFUSED.
    """
    remote = _configured_remote()
    _require_client()
    _reach(remote)
    limits, progress, done = CallLimits(limit_s), _Progress(f"{what} on {shown_remote(remote)}"), threading.Event()
    session = _connect(remote, timezone, limits, progress)
    teller = threading.Thread(target=progress.tell, args=(done,), name="citylake-spark", daemon=True)
    teller.start()
    try:
        yield session, limits
    finally:
        done.set()
        teller.join()
        _close(session, limits)


def _configured_remote() -> str:
    remote = spark_remote()
    if remote is None:
        raise CitylakeError("SPARK_NOT_CONFIGURED", variable=REMOTE)
    if urlsplit(remote).scheme != "sc" or not urlsplit(remote).hostname:
        raise CitylakeError("SPARK_ADDRESS_UNREADABLE", variable=REMOTE)
    return remote


def _require_client() -> None:
    try:
        from pyspark.sql.connect.session import SparkSession  # noqa: F401
    except Exception as error:
        raise CitylakeError("SPARK_CLIENT_MISSING", reason=str(error).splitlines()[0]) from error


def _reach(remote: str) -> None:
    """Open a connection first: the client would try a wrong address for longer."""
    place = (urlsplit(remote).hostname or "", remote_port(remote))
    try:
        for attempt in retry_attempts(on=OSError, attempts=_ATTEMPTS, wait_initial=0.2, wait_max=5.0):
            with attempt:
                socket.create_connection(place, timeout=_REACH_S).close()
    except OSError as error:
        raise CitylakeError("SPARK_UNREACHABLE", remote=shown_remote(remote), reason=str(error)) from error


def _connect(remote: str, timezone: str, limits: CallLimits, progress: _Progress) -> SparkSession:
    from citylake.pipelines.marts.spark.spark_channel import limited_session

    try:
        session = limited_session(remote, limits)
    except Exception as error:
        raise CitylakeError("SPARK_ADDRESS_UNREADABLE", variable=REMOTE) from error
    try:
        handler: Any = progress
        session.registerProgressHandler(handler)
        set_up(session, timezone)
    except Exception as error:
        _close(session, limits)
        raise unopened(error) from error
    return session


def set_up(session: SparkSession, timezone: str) -> None:
    """Give a session the zone of the workspace, and what lets a SELECT give DuckDB's rows or an error."""
    session.conf.set("spark.sql.session.timeZone", timezone)
    # Sail has no such settings.
    with suppress(Exception):
        rules = session.conf.get(_EXCLUDED, "") or ""
        session.conf.set(_EXCLUDED, ",".join(filter(None, (rules, _BROKEN_RULE))))
    for name, value in _SETTINGS.items():
        with suppress(Exception):
            session.conf.set(name, value)


def _close(session: SparkSession, limits: CallLimits) -> None:
    """End what still runs there, and the session; each call is brief now, and none is tried again."""
    was_exceeded, limits.closing = limits.exceeded, True
    try:
        if was_exceeded:
            session.interruptAll()
    except Exception as error:
        log.info("Spark was not told to end the SELECT: %s", spark_reason(error))
        # It would not end its session either.
        session.release_session_on_close = False
    end_session(session)


def end_session(session: SparkSession) -> None:
    """Close the session and its client once and for all.

    The client closes itself again when it is collected, and waits there for its threads. One of these threads may be
    the collector: it would wait for itself, without end.
    """
    with suppress(Exception):
        session.stop()
    closed: Any = session.client
    closed.close = lambda: None
    _forget_at_exit(closed)


def _forget_at_exit(client: Any) -> None:
    """Let the process end without a last call, which the client has registered for models that nobody trains here.

    Where the endpoint is gone by then, it would try for ten minutes.
    """
    if call := getattr(client, "_cleanup_ml_cache", None):
        atexit.unregister(call)


class _Progress:
    """Logs every so many seconds that the endpoint is at work, and how far it is where it says so."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._started = time.monotonic()
        self._far = ""

    def __call__(self, stages: Any, inflight_tasks: int, operation_id: str | None, *, done: bool) -> None:
        if stages:
            finished, every = (
                sum(getattr(one, each) for one in stages) for each in ("num_completed_tasks", "num_tasks")
            )
            self._far = f", {finished} of {every} tasks, {inflight_tasks} running"

    def tell(self, done: threading.Event) -> None:
        """Tell until ``done``."""
        while not done.wait(TOLD_EVERY_S):
            log.info("%s: %d s%s", self._what, time.monotonic() - self._started, self._far)
