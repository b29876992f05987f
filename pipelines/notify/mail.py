"""E-mail by SMTP: ``smtp://user:password@host:587`` (encrypted if the server can), ``smtps://…`` (from the start)."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pipelines.notify.message import Message
from pipelines.pull.credentials import Credentials
from schemas.faults import CitylakeError

TIMEOUT_S = 10.0


def mail(message: Message, credentials: Credentials) -> None:
    """Send ``message`` to the connection's ``options: {from, to, stewards}``.

    ``to`` is an address or a list of them; with ``stewards: true`` the dataset's steward is among them. Raises
    NOTIFY_NOBODY, OSError and smtplib.SMTPException.
    """
    to = _recipients(message, credentials)
    parts = urlsplit(credentials.uri or "")
    secure = parts.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with kind(parts.hostname or "", parts.port or 0, timeout=TIMEOUT_S) as server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter(message, str(credentials.options.get("from", to[0])), to))


def letter(message: Message, sender: str, to: list[str]) -> EmailMessage:
    """The message as a letter in plain text."""
    found = EmailMessage()
    found["Subject"], found["From"], found["To"] = message.subject, sender, ", ".join(to)
    found.set_content(message.lines(""))
    return found


def _recipients(message: Message, credentials: Credentials) -> list[str]:
    declared = credentials.options.get("to", [])
    to = [declared] if isinstance(declared, str) else list(declared)
    if credentials.options.get("stewards") and message.steward and "@" in message.steward:
        to.append(message.steward)
    if not to:
        raise CitylakeError("NOTIFY_NOBODY")
    return list(dict.fromkeys(to))
