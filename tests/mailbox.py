"""A mail server on the loopback that keeps what it is sent: as much of SMTP (RFC 5321) as a client needs."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest


@dataclass
class Mailbox:
    """``refuses``: answer the recipient of this address with 550."""

    port: int = 0
    refuses: str | None = None
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

    def _answer(self, verb: str, line: str, to: list[str]) -> bytes:
        if verb == "EHLO":
            return b"250-here\r\n250 AUTH PLAIN\r\n"
        if verb == "AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            self.logins.append((user, password))
            return b"235 yes\r\n"
        if verb == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            if address == self.refuses:
                return b"550 nobody\r\n"
            to.append(address)
        return b"221 bye\r\n" if verb == "QUIT" else b"250 yes\r\n"


async def _letter(reader: asyncio.StreamReader) -> EmailMessage:
    lines = []
    while (line := await reader.readline()) != b".\r\n":
        lines.append(line.removeprefix(b"."))
    return email.message_from_bytes(b"".join(lines), policy=email.policy.default)  # type: ignore[return-value]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box, loop = Mailbox(), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(box.serve, "127.0.0.1", 0))
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield box
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()
