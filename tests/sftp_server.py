"""An SFTP server in a process of its own: ``python sftp_server.py FOLDER CONTROL PASSWORD``; it prints its port.

``CONTROL`` holds the host's key, the client keys that may come in, and ``cut``: ``bytes times`` makes it drop that
many connections, each once it has sent so many bytes. ``stall``: so many reads are never answered.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, cast

import asyncssh

FOLDER, CONTROL, PASSWORD = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]


class Door(asyncssh.SSHServer):
    """Lets in the user ``feed`` by password; by key, asyncssh itself compares."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("feed", PASSWORD)


class Files(asyncssh.SFTPServer):
    """The folder, below which nobody climbs; connections are cut as ``CONTROL`` says."""

    def __init__(self, chan: Any) -> None:
        super().__init__(chan, chroot=str(FOLDER).encode())
        self.sent = 0

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        stall = CONTROL / "stall"
        if stall.exists() and (times := int(stall.read_text())):
            stall.write_text(str(times - 1))
            await asyncio.sleep(600)
        data = cast("bytes", super().read(file_obj, offset, size))
        self.sent += len(data)
        cut = CONTROL / "cut"
        after, times = map(int, cut.read_text().split()) if cut.exists() else (0, 0)
        if times and self.sent > after:
            cut.write_text(f"{after} {times - 1}")
            self.channel.get_connection().abort()
        return data


async def serve() -> None:
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Door,
        server_host_keys=[CONTROL / "host_key"],
        authorized_client_keys=str(CONTROL / "authorized_keys"),
        sftp_factory=Files,
    )
    print(server.get_port(), flush=True)
    await server.wait_closed()


asyncio.run(serve())
