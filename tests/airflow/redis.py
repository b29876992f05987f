"""A Redis server for the tests, on a free port of the loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.postgres import free_port


@contextmanager
def redis_server(password: str) -> Iterator[int]:
    """Its port, once it answers; it stores nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no Redis server: Debian's package is redis-server")
    port = free_port()
    words = ["--bind", "127.0.0.1", "--port", str(port), "--requirepass", password, "--save", "", "--appendonly", "no"]
    with subprocess.Popen([program, *words], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            assert any("Ready to accept connections" in line for line in server.stdout)
            yield port
        finally:
            server.terminate()
            server.stdout.close()
            server.wait()
