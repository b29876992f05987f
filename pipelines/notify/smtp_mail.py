"""E-mail by SMTP: ``smtp://user:password@host:587`` (STARTTLS if the server supports it) or ``smtps://…`` (TLS)."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

import stamina

from citylake.pipelines.notify.notify_message import Message
from citylake.pipelines.pull.credentials import Credentials
from citylake.schemas.words.errors import CitylakeError

TIMEOUT_S = 10.0
ATTEMPTS = 3


def send_mail(message: Message, credentials: Credentials) -> list[str]:
    """Send ``message`` by the connection's ``options: {from, to, stewards}``. Return the refused recipients.

    ``to`` is an address or a list of addresses; ``stewards: true`` adds the dataset's steward. Raises NOTIFY_NOBODY if
    there is no recipient, OSError, and smtplib.SMTPException, also if all recipients are refused.
    """
    to = _recipients(message, credentials)
    written = compose_mail(message, str(credentials.options.get("from", to[0])), to)
    asks = stamina.retry_context(on=_is_transient, attempts=ATTEMPTS, wait_initial=0.2, wait_max=5)
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
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=trusted)
        if secure
        else smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    ) as server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=trusted)
            server.ehlo()
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        return sorted(server.send_message(written))


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
