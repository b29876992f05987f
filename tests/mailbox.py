"""A mail server on the loopback that keeps what it is sent: as much of SMTP (RFC 5321) as a client needs."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Mailbox:
    """``refuses``: answer the recipient of this address with 550; ``busy``: answer so many recipients with 451."""

    port: int = 0
    refuses: str | None = None
    busy: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        to: list[str] = []
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                self.letters.append((to, await _letter(reader)))
                to = []
            writer.write(self._answer(verb, line, to))
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    def _answer(self, verb: str, line: str, to: list[str]) -> bytes:
        if verb == "EHLO":
            return b"250-here\r\n250 AUTH PLAIN\r\n"
        if verb == "AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            self.logins.append((user, password))
            return b"235 yes\r\n"
        if verb == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            if self.busy:
                self.busy -= 1
                return b"451 later\r\n"
            if address == self.refuses:
                return b"550 nobody\r\n"
            to.append(address)
        return b"221 bye\r\n" if verb == "QUIT" else b"250 yes\r\n"


async def _letter(reader: asyncio.StreamReader) -> EmailMessage:
    lines = []
    while (line := await reader.readline()) != b".\r\n":
        lines.append(line.removeprefix(b"."))
    return email.message_from_bytes(b"".join(lines), policy=email.policy.default)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with _open() as box:
        yield box


@pytest.fixture
def secure_mailbox(tmp_path: Path) -> Iterator[tuple[Mailbox, Path]]:
    """One that speaks TLS from the start, and the certificate that nobody knows yet."""
    context, path = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), tmp_path / "mail.pem"
    path.write_bytes(_certificate())
    context.load_cert_chain(path)
    with _open(context) as box:
        yield box, path


def _certificate() -> bytes:
    """A key and a certificate of 127.0.0.1 that signs itself, as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*plain) + signed.public_bytes(serialization.Encoding.PEM)


@contextmanager
def _open(secured: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    box, loop = Mailbox(), asyncio.new_event_loop()
    # All of the loop's life in its own thread: another one may be running in this, a browser's for instance.
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    starting = asyncio.start_server(box.serve, "127.0.0.1", 0, ssl=secured)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _shut(server: asyncio.Server) -> None:
    """Close it once those who are served have gone: what is open then would be told of in another test."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=5)
    await asyncio.sleep(0.1)
