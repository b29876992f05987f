"""A MariaDB server of the tests' own, on a free port of the loopback, with a new database for every test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import as_whom, free_port

_READY_S = 60


@dataclass(frozen=True)
class MariaDb:
    """One database."""

    port: int
    name: str = "mysql"

    @property
    def uri(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{self.name}"

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run the statements in one transaction; the rows of the last."""
        import pymysql

        with (
            pymysql.connect(host="127.0.0.1", port=self.port, user="root", database=self.name) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)
            connection.commit()
            return list(cursor.fetchall())


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDb]:
    """The server, as a normal user, gone at the end."""
    server, install = shutil.which("mariadbd", path=_paths()), shutil.which("mariadb-install-db", path=_paths())
    if server is None or install is None:
        pytest.skip("there is no MariaDB server: Debian's package is mariadb-server")
    whom, port = as_whom(), free_port()
    with tempfile.TemporaryDirectory(prefix="citylake-my-") as home:
        if whom:
            os.chown(home, whom["user"], whom["group"])
        data, quiet = f"--datadir={home}/data", {"cwd": home, "stdout": subprocess.DEVNULL, **whom}
        made = [install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, stderr=subprocess.DEVNULL, **quiet)
        words = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home}/socket", f"--log-error={home}/log"]
        with subprocess.Popen([server, "--no-defaults", data, *words], **quiet) as running:
            try:
                _wait(MariaDb(port), Path(home, "log"))
                yield MariaDb(port)
            finally:
                running.kill()


def _paths() -> str:
    """A server's programs are in a folder that not every user looks into."""
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _wait(server: MariaDb, log: Path) -> None:
    import pymysql

    deadline = time.monotonic() + _READY_S
    while True:
        try:
            server.sql("SELECT 1")
            return
        except pymysql.err.OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


@pytest.fixture
def mariadb(mariadb_server: MariaDb, request: pytest.FixtureRequest) -> Iterator[MariaDb]:
    """An empty database, for one test."""
    name = f"test_{abs(hash(request.node.nodeid))}"
    mariadb_server.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield MariaDb(mariadb_server.port, name)
    mariadb_server.sql(f"DROP DATABASE {name}")
