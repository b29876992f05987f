"""A database server that accepts and never answers, or falls silent on the way, ends a pull in the stated time."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from citylake.pipelines.pull.connectors.database import call_limit
from citylake.pipelines.pull.connectors.database.postgres_session import PostgresSession
from citylake.pipelines.pull.connectors.database.sqlalchemy_session import AlchemySession
from tests.mariadb import MariaDb
from tests.postgres import Postgres
from tests.raw_server import forwarding, raw_server, silent

ENOUGH_S = 20.0


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_limit, "_GRACE_S", 0.3)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_accepts_and_never_answers_is_told_in_time(
    puller: Any, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    began = time.monotonic()
    with raw_server(silent) as port:
        monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": f"{scheme}://lake:secret@127.0.0.1:{port}/a"}))
        receipt = puller.one("database", connection="front", table="cases", timeout_s=0.5)
    assert (receipt.status, receipt.problem.code) == ("failed", "DATABASE_UNREACHABLE")
    assert "secret" not in repr(receipt)
    assert time.monotonic() - began < ENOUGH_S


@pytest.mark.parametrize("session", [PostgresSession, AlchemySession])
@pytest.mark.parametrize("moment", ["measure", "stream"])
def test_a_server_that_falls_silent_ends_the_pull_at_its_deadline(
    puller: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, session: Any, moment: str
) -> None:
    database: Postgres | MariaDb = request.getfixturevalue("postgres" if session is PostgresSession else "mariadb")
    database.sql("CREATE TABLE cases (id int PRIMARY KEY, word text)", "INSERT INTO cases VALUES (1, 'a'), (2, 'b')")
    frozen, real = threading.Event(), getattr(session, moment)

    def freezing(self: Any, *rest: Any, **more: Any) -> Any:
        frozen.set()
        return real(self, *rest, **more)

    monkeypatch.setattr(session, moment, freezing)
    with raw_server(forwarding(database.port, frozen)) as port:
        uri = database.uri.replace(f":{database.port}/", f":{port}/")
        monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": uri}))
        began = time.monotonic()
        receipt = puller.one("database", connection="front", table="cases", deadline_s=1.0)
    assert receipt.status in ("failed", "incomplete")
    assert receipt.problem.code == "PULL_TOO_LONG"
    assert time.monotonic() - began < ENOUGH_S
    assert puller.landed() == [] or receipt.status == "incomplete"
