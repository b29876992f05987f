"""Chat services and SMS through Apprise: Slack, Feishu, Teams and every other service that it knows.

The connection's ``uri`` is the service's own webhook address, or an Apprise URL such as ``feishu://TOKEN``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.notify.notify_message import Message
from citylake.pipelines.pull.credentials import Credentials
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from apprise import NotifyBase

TIMEOUT_S, DEADLINE_S = 10.0, 60.0
"""The longest silence of the service, and the longest time of all attempts together, s."""
ATTEMPTS = 3
_LOGGERS = ("apprise", "urllib3")


class ServiceFailedError(Exception):
    """The service did not accept the message. Holds what Apprise reported."""


def send_by_apprise(message: Message, credentials: Credentials) -> None:
    """Send ``message``, with up to ``ATTEMPTS`` attempts within ``DEADLINE_S``; longer texts in several messages.

    Raises APPRISE_NOT_INSTALLED, CHAT_ADDRESS_UNKNOWN if Apprise knows no service of this address, and
    ServiceFailedError.
    """
    service = _service(credentials.uri or "")
    failed: list[Exception] = []
    # Apprise limits each read only: a server that sends a byte a second would never end.
    work = threading.Thread(target=_send_with_retries, args=(service, message, failed), daemon=True)
    with _captured_logs() as captured:
        work.start()
        work.join(DEADLINE_S)
        if work.is_alive():
            raise ServiceFailedError(f"no answer within {DEADLINE_S:g} s")
    if failed:
        raise ServiceFailedError("; ".join(dict.fromkeys(captured)) or str(failed[0])) from failed[0]


def _send_with_retries(service: NotifyBase, message: Message, failed: list[Exception]) -> None:
    attempts = retry_attempts(ServiceFailedError, attempts=ATTEMPTS, wait_initial=0.2, wait_max=5)
    try:
        for attempt in attempts:
            with attempt:
                _send_once(service, message)
    except Exception as error:
        failed.append(error)


def _send_once(service: NotifyBase, message: Message) -> None:
    if not service.notify(body=message.lines("**"), title="", body_format="markdown"):
        raise ServiceFailedError("the service did not accept the message")


def _service(uri: str) -> NotifyBase:
    try:
        from apprise import Apprise, OverflowMode
    except ModuleNotFoundError as error:
        raise CitylakeError("APPRISE_NOT_INSTALLED", module=error.name) from error
    with _captured_logs():
        made: Any = Apprise.instantiate(uri)
    if made is None:
        raise CitylakeError("CHAT_ADDRESS_UNKNOWN")
    made.overflow_mode = OverflowMode.SPLIT
    made.socket_read_timeout = made.socket_connect_timeout = TIMEOUT_S
    service: NotifyBase = made
    return service


class _WarningList(logging.Handler):
    """Keeps the texts of warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@contextmanager
def _captured_logs() -> Iterator[list[str]]:
    """Yield Apprise's warnings. Nothing reaches the log: Apprise and urllib3 log addresses, which are secrets."""
    kept = _WarningList()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.propagate, logger.level = False, logging.WARNING
    loggers[0].addHandler(kept)
    try:
        yield kept.texts
    finally:
        loggers[0].removeHandler(kept)
        for logger, (propagate, level) in zip(loggers, before, strict=True):
            logger.propagate, logger.level = propagate, level
