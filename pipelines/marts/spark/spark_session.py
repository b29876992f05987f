"""A session of a Spark Connect endpoint: reached with retries, watched, interrupted after a time, closed."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.marts.spark.engine_choice import REMOTE, spark_remote
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_REACH_S: Final = 10.0
_ATTEMPTS: Final = 4
_DEFAULT_PORT: Final = 15002
_TOLD_EVERY_S: Final = 10.0
_RETRIES: Final = 6
"""Of one call, with growing pauses up to a minute and a half in all; the client's own are ten minutes."""


log = logging.getLogger(__name__)


class SparkLimit:
    """What :func:`open_session` yields beside the session."""

    def __init__(self) -> None:
        self.exceeded = False
        """Whether the time is over; what runs is interrupted then."""


@contextmanager
def open_session(timezone: str, limit_s: float) -> Iterator[tuple[SparkSession, SparkLimit]]:
    """Yield a session of its own, with the zone of the workspace, and interrupt it after ``limit_s`` seconds.

    Raises SPARK_NOT_CONFIGURED, SPARK_CLIENT_MISSING and SPARK_UNREACHABLE.
    """
    remote = _configured_remote()
    _require_client()
    _reach(remote)
    session = _connect(remote, timezone)
    limit, done = SparkLimit(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(session, limit, done, limit_s), name="citylake-spark", daemon=True)
    watcher.start()
    try:
        yield session, limit
    finally:
        done.set()
        watcher.join()
        with suppress(Exception):
            session.stop()


def shown_remote(remote: str) -> str:
    """Return the address without a user, a token or any other parameter."""
    parts = urlsplit(remote)
    return f"{parts.scheme or 'sc'}://{parts.hostname or ''}:{_port(remote)}"


def without_secrets(text: str, remote: str) -> str:
    """Return a message of the endpoint without the values of the address's parameters."""
    for value in re.findall(r"[;/](?:[\w-]+)=([^;]+)", remote):
        if len(value) > 4 and value.lower() not in ("false", "true"):
            text = text.replace(value, "***")
    return text.replace(remote, shown_remote(remote))


def spark_reason(error: BaseException) -> str:
    """Return the first lines of what the endpoint or its client said."""
    text = str(error).split("JVM stacktrace", 1)[0].strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()][:4]
    return without_secrets(" ".join(lines)[:600], spark_remote() or "") or type(error).__name__


def _configured_remote() -> str:
    remote = spark_remote()
    if remote is None:
        raise CitylakeError("SPARK_NOT_CONFIGURED", variable=REMOTE)
    if urlsplit(remote).scheme != "sc" or not urlsplit(remote).hostname:
        raise CitylakeError("SPARK_ADDRESS_UNREADABLE", variable=REMOTE)
    return remote


def _port(remote: str) -> int:
    try:
        return urlsplit(remote).port or _DEFAULT_PORT
    except ValueError as error:
        raise CitylakeError("SPARK_ADDRESS_UNREADABLE", variable=REMOTE) from error


def _require_client() -> None:
    try:
        from pyspark.sql.connect.session import SparkSession  # noqa: F401
    except Exception as error:
        raise CitylakeError("SPARK_CLIENT_MISSING", reason=str(error).splitlines()[0]) from error


def _reach(remote: str) -> None:
    """Open a connection first: the client would try a wrong address for minutes."""
    place = (urlsplit(remote).hostname or "", _port(remote))
    try:
        for attempt in retry_attempts(on=OSError, attempts=_ATTEMPTS, wait_initial=0.2, wait_max=5.0):
            with attempt:
                socket.create_connection(place, timeout=_REACH_S).close()
    except OSError as error:
        raise CitylakeError("SPARK_UNREACHABLE", remote=shown_remote(remote), reason=str(error)) from error


def _connect(remote: str, timezone: str) -> SparkSession:
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    try:
        session = SparkSession.builder.remote(remote).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
        session.conf.set("spark.sql.session.timeZone", timezone)
        handler: Any = _Progress()
        session.registerProgressHandler(handler)
        with suppress(Exception):
            # A wrong number must be an error, as it is in DuckDB. Sail has no such setting.
            session.conf.set("spark.sql.ansi.enabled", "true")
    except Exception as error:
        raise CitylakeError("SPARK_UNREACHABLE", remote=shown_remote(remote), reason=spark_reason(error)) from error
    return session


class _Progress:
    """Logs how far the endpoint is, not more often than once in so many seconds."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, stages: Any, inflight_tasks: int, operation_id: str | None, *, done: bool) -> None:
        if time.monotonic() - self._told_at < _TOLD_EVERY_S or not stages:
            return
        self._told_at = time.monotonic()
        finished, every = (sum(getattr(one, name) for one in stages) for name in ("num_completed_tasks", "num_tasks"))
        log.info("Spark: %s of %s tasks, %s running", finished, every, inflight_tasks)


def _watch(session: SparkSession, limit: SparkLimit, done: threading.Event, limit_s: float) -> None:
    if done.wait(min(limit_s, threading.TIMEOUT_MAX)):
        return
    limit.exceeded = True
    with suppress(Exception):
        session.interruptAll()
    if not done.wait(2.0):
        # Sail does not always end what it is asked to interrupt: without its channel, the call ends here.
        with suppress(Exception):
            session.client.close()
