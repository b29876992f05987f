"""An SFTP server for tests, with a host key, a user with a password and a key, and connections that break."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "hush-hush-password"


@dataclass
class Sftp:
    """``folder`` is what the server shows, ``control`` its keys and misbehaviour."""

    folder: Path
    control: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"sftp://127.0.0.1:{self.port}"

    @property
    def known_hosts(self) -> str:
        """The line by which the server is known."""
        key = (self.control / "host_key.pub").read_text().strip()
        return f"[127.0.0.1]:{self.port} {key}"

    def connection(self, **options: Any) -> str:
        """Credentials as JSON: the password, unless ``options`` say otherwise."""
        said = {"username": "feed", "password": PASSWORD, "known_hosts": self.known_hosts, "config": None, **options}
        return json.dumps({"options": {name: value for name, value in said.items() if value != ""}})

    def cut(self, after: int, times: int) -> None:
        """Drop the next ``times`` connections, each once it has sent ``after`` bytes."""
        (self.control / "cut").write_text(f"{after} {times}")

    def stall(self, times: int) -> None:
        """Never answer the next ``times`` reads, on connections that live."""
        (self.control / "stall").write_text(str(times))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sftp]:
    """A server with an empty folder, which CITYLAKE_CONN_FEED can enter by password."""
    asyncssh = pytest.importorskip("asyncssh", reason="the extra connectors is not installed")
    folder, control = tmp_path / "far", tmp_path / "control"
    folder.mkdir()
    control.mkdir()
    for name in ("host_key", "client_key", "stranger_key"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(control / name)
        key.write_public_key(control / f"{name}.pub")
    (control / "authorized_keys").write_text((control / "client_key.pub").read_text())
    command = [sys.executable, str(Path(__file__).with_name("sftp_server.py")), str(folder), str(control), PASSWORD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        server = Sftp(folder, control, int(process.stdout.readline()), process)
        monkeypatch.setenv("CITYLAKE_CONN_FEED", server.connection())
        monkeypatch.setenv("HOME", str(tmp_path))
        yield server
        process.kill()
