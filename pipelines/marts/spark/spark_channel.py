"""A session of Spark Connect whose calls have limits. Imported only where its client is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import grpc
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.session import SparkSession

from citylake.pipelines.marts.spark.call_limits import CallLimits

RETRIES = 9
_LONGEST_PAUSE_MS: Final = 5000
"""Nine pauses up to this one are half a minute in all; the client's own are ten minutes."""


def limited_session(remote: str, limits: CallLimits) -> SparkSession:
    """Open a session: the endpoint is asked at its first call. Raises the client's error for an unreadable address."""
    channel = DefaultChannelBuilder(remote)
    channel.add_interceptor(_Deadlines(limits))
    session = SparkSession.builder.channelBuilder(channel).create()
    session.client.set_retry_policies([_BriefPolicy(limits)])
    return session


class _Details(NamedTuple):
    """A call as gRPC describes it."""

    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: bool | None
    compression: Any


class _Deadlines(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]
    """Gives each call a deadline, also those that the client makes in threads of its own."""

    def __init__(self, limits: CallLimits) -> None:
        self._limits = limits

    def _limited(self, proceed: Callable[..., Any], call: Any, request: Any) -> Any:
        timeout = self._limits.of(call.method)
        more = (call.metadata, call.credentials, call.wait_for_ready, call.compression)
        return proceed(_Details(call.method, timeout, *more), request)

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        """A call with one answer."""
        return self._limited(continuation, client_call_details, request)

    def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        """A call with many answers: all of them arrive before its deadline."""
        return self._limited(continuation, client_call_details, request)


class _BriefPolicy(DefaultPolicy):  # type: ignore[misc]
    """Tries again what the client takes for passing, for half a minute, and not while the session ends."""

    def __init__(self, limits: CallLimits) -> None:
        pause = {"max_backoff": _LONGEST_PAUSE_MS, "max_server_retry_delay": _LONGEST_PAUSE_MS}
        super().__init__(max_retries=RETRIES, **pause)
        self._limits = limits

    def can_retry(self, e: BaseException) -> bool:
        """As the client decides, within the limits."""
        return bool(super().can_retry(e)) and self._limits.may_retry(e)
