"""How long a call of a Spark Connect endpoint may take, and whether it is tried again: no call is without an end."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

_CONFIG_S: Final = 60.0
"""The first calls of a session: a server that has just started, or is busy, takes seconds."""
_BRIEF_S: Final = 5.0
_BRIEF: Final = frozenset({"Interrupt", "ReleaseExecute", "ReleaseSession", "FetchErrorDetails"})
_MARGIN_S: Final = 0.05
_TLS: Final = "handshake failed"
"""What gRPC says where one side speaks TLS and the other does not: trying again would change nothing."""

log = logging.getLogger(__name__)


class CallLimits:
    """The limits of all calls of one session. ``retried``: whether a call was lost and tried again."""

    def __init__(self, limit_s: float) -> None:
        self.retried = False
        self.closing = False
        self._end = time.monotonic() + limit_s
        self._told: object = None

    @property
    def exceeded(self) -> bool:
        """Whether the time of the SELECT is over; what runs has ended then, or ends with its own limit."""
        return time.monotonic() >= self._end - _MARGIN_S

    def of(self, method: str) -> float:
        """Return the seconds that a call may take: ``/spark.connect.SparkConnectService/ExecutePlan``."""
        name = method.rsplit("/", 1)[-1]
        if self.closing or name in _BRIEF:
            return _BRIEF_S
        left = max(self._end - time.monotonic(), _MARGIN_S)
        return min(left, _CONFIG_S) if name == "Config" else left

    def may_retry(self, error: BaseException) -> bool:
        """Return whether a lost call may be tried again, and say so once."""
        if self.closing or self.exceeded or _TLS in str(error).lower():
            return False
        self.retried = True
        if error is not self._told:
            self._told = error
            what: Any = error
            log.info("Spark does not answer: %s; tried again", str(what.details()).splitlines()[0])
        return True
