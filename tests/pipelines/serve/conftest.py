"""The small city, run once for all tests of a file, and a server of its mart in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from citylake.pipelines.cli import main
from tests.kept_folder import KeptFolder
from tests.pipelines.cli.conftest import City, city_in, declare_city

TOKEN = "a-token-of-the-test-0001"
CLIENT = Path(__file__).with_name("quack_client.py")


@dataclass
class Served:
    """A server that listens: its city, what it said, and its process."""

    city: City
    document: dict[str, Any]
    process: subprocess.Popen[str]

    def ask(self, *statements: str, token: str | None = None) -> list[dict[str, Any]]:
        """What a client of another process gets for its ``ATTACH`` and for each statement."""
        asked = {"address": self.document["address"], "token": token or self.document["token"] or TOKEN}
        done = subprocess.run(
            [sys.executable, str(CLIENT)],
            input=json.dumps({**asked, "statements": statements}),
            capture_output=True,
            text=True,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def run(self, sql: str) -> dict[str, Any]:
        """What the server answers to ``sql``, sent as it is."""
        return self.ask(f"FROM quack_query_by_name('mart', {quoted(sql)})")[-1]

    def end(self) -> tuple[int, str]:
        """Send SIGTERM: the exit code and what was said on standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, told = self.process.communicate(timeout=60)
        return self.process.returncode, told


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(city: City, *options: str, token: str = TOKEN) -> Iterator[Served]:
    """``citylake serve traffic`` until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "citylake.pipelines.cli", "--lake", str(city.root / "lake"), "serve", "traffic"]
    environment = {**os.environ, "CITYLAKE_LANG": "en", "CITYLAKE_USER": "operator", "CITYLAKE_SERVE_TOKEN": token}
    process = subprocess.Popen(
        [*command, "--port", str(port), "--json", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        text = "".join(line for line in _until_end(lines))
        assert text, process.communicate()
        yield Served(city, json.loads(text), process)
    finally:
        process.kill()
        process.communicate()


def _until_end(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line == "}\n":
            return


@pytest.fixture
def city(kept: KeptFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> City:
    """The small city after its first run."""
    found = city_in(kept.root, monkeypatch, capsys)

    def begun() -> None:
        declare_city(found)
        assert found.json("run")[0] == 0

    kept.restore(begun)
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that all tests of a file ask."""
    with pytest.MonkeyPatch.context() as patch:
        city = city_in(tmp_path_factory.mktemp("served"), patch, cast("Any", None))
        declare_city(city)
        assert main(["--workspace", str(city.root / "workspace"), "--lake", str(city.root / "lake"), "run"]) == 0
        with serving(city) as found:
            yield found
