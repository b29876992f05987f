"""A PostgreSQL server of the tests' own, on a free port of the loopback, with a new database for every test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

PASSWORD = "s3cret/of the:lake"
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}


@dataclass(frozen=True)
class Postgres:
    """One database."""

    port: int
    name: str = "postgres"

    @property
    def uri(self) -> str:
        return f"postgresql://lake:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{self.name}"

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run the statements in one transaction; the rows of the last."""
        import adbc_driver_postgresql.dbapi as adbc

        with adbc.connect(self.uri) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return list(rows)

    def hang_up(self) -> None:
        """End every other connection to the database."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _folder() -> Path:
    """Where the server's programs are; the newest of those that Debian keeps aside."""
    aside = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = shutil.which("initdb") or next((str(path) for path in reversed(aside)), None)
    if found is None:
        pytest.skip("there is no PostgreSQL server: Debian's package is postgresql")
    return Path(found).parent


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_whom() -> dict[str, Any]:
    """A server refuses to run as the superuser."""
    if os.getuid():
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The server, as a normal user, gone at the end."""
    programs, whom, port = _folder(), as_whom(), free_port()
    with tempfile.TemporaryDirectory(prefix="citylake-pg-") as home:
        if whom:
            os.chown(home, whom["user"], whom["group"])
        data, secret = f"{home}/data", Path(home, "password")
        secret.write_text(PASSWORD)
        secret.chmod(0o644)

        def call(program: str, *words: str) -> None:
            subprocess.run([programs / program, *words], check=True, cwd=home, stdout=subprocess.DEVNULL, **whom)

        call("initdb", "-D", data, "-U", "lake", f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", "-N")
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "''", **_FAST}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        call("pg_ctl", "-D", data, "-l", f"{home}/log", "-o", options, "-w", "start")
        try:
            yield Postgres(port)
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@pytest.fixture
def postgres(postgres_server: Postgres, request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """An empty database, for one test."""
    import adbc_driver_postgresql.dbapi as adbc

    name = f"test_{abs(hash(request.node.nodeid))}"
    with adbc.connect(postgres_server.uri, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield Postgres(postgres_server.port, name)
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
