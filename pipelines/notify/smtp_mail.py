"""E-mail by SMTP: ``smtp://user:password@host:587`` (STARTTLS if the server supports it) or ``smtps://…`` (TLS)."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.notify.notify_message import Message
from citylake.pipelines.pull.credentials import Credentials
from citylake.schemas.words.errors import CitylakeError

TIMEOUT_S, DEADLINE_S = 10.0, 60.0
"""The longest silence of the server, and the longest time of one attempt, s."""
ATTEMPTS = 3
_READY = 220


def send_mail(message: Message, credentials: Credentials) -> list[str]:
    """Send ``message`` by the connection's ``options: {from, to, stewards}``. Return the refused recipients.

    ``to`` is an address or a list of addresses; ``stewards: true`` adds the dataset's steward. Raises NOTIFY_NOBODY if
    there is no recipient, OSError, and smtplib.SMTPException, also if all recipients are refused.
    """
    to = _recipients(message, credentials)
    written = compose_mail(message, str(credentials.options.get("from", to[0])), to)
    asks = retry_attempts(_is_transient, attempts=ATTEMPTS, wait_initial=0.2, wait_max=5)
    refused: list[str] = []
    for attempt in asks:
        with attempt:
            refused = _deliver_mail(urlsplit(credentials.uri or ""), written)
    return refused


def compose_mail(message: Message, sender: str, to: list[str]) -> EmailMessage:
    """Return the message as a plain text e-mail."""
    found = EmailMessage()
    found["Subject"], found["From"], found["To"] = message.subject, sender, ", ".join(to)
    found.set_content(message.lines(""))
    return found


def _deliver_mail(place: SplitResult, written: EmailMessage) -> list[str]:
    # smtplib's default contexts do not verify certificates, so the password could be sent to any server.
    host, port, trusted = place.hostname or "", place.port or 0, ssl.create_default_context()
    secure = place.scheme == "smtps"
    # Without a host, neither connects yet: the time limit begins before the connection.
    made = smtplib.SMTP_SSL(timeout=TIMEOUT_S, context=trusted) if secure else smtplib.SMTP(timeout=TIMEOUT_S)
    made._host = host  # type: ignore[attr-defined]  # The name that the certificate must have.
    with _hung_up_after(made, DEADLINE_S), made as server:
        code, greeting = server.connect(host, port)
        if code != _READY:
            raise smtplib.SMTPConnectError(code, greeting)
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=trusted)
            server.ehlo()
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        return sorted(server.send_message(written))


@contextmanager
def _hung_up_after(server: smtplib.SMTP, limit_s: float) -> Iterator[None]:
    """Close the connection after ``limit_s`` seconds, however slowly the server trickles its replies."""

    def hang_up() -> None:
        if (connection := server.sock) is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(limit_s, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_transient(error: Exception) -> bool:
    """Return whether a retry may succeed: no response, or a 4xx reply, which is transient (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError) and not isinstance(error, ssl.SSLError)


def _recipients(message: Message, credentials: Credentials) -> list[str]:
    declared = credentials.options.get("to", [])
    to = [declared] if isinstance(declared, str) else list(declared)
    if credentials.options.get("stewards") and message.steward and "@" in message.steward:
        to.append(message.steward)
    if not to:
        raise CitylakeError("NOTIFY_NOBODY")
    return list(dict.fromkeys(to))
