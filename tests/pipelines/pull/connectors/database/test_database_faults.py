"""A database that fails, and a pull that says so in words, with the numbers, and without the password."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.words.message_catalogue import render_issue
from tests.postgres import PASSWORD, Postgres

GOOD = {"connection": "front", "table": "public.cases"}


@pytest.fixture
def database(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": postgres.uri}))
    postgres.sql("CREATE TABLE cases (id int PRIMARY KEY, updated_at text)", "INSERT INTO cases VALUES (1, '2026')")
    return postgres


def problem(puller: Any, **source: Any) -> tuple[str, str]:
    """The code of what is told, and its words."""
    receipt = puller.one("database", **source)
    assert receipt.status == "failed"
    words = " ".join(render_issue(receipt.problem.code, receipt.problem.values, language) for language in ("zh", "en"))
    assert "{" not in words
    return receipt.problem.code, words


@pytest.mark.parametrize(
    ("source", "code", "word"),
    [
        ({"table": "public.casses"}, "DATABASE_NO_TABLE", "public.cases"),
        ({"table": "gov.cases"}, "DATABASE_NO_TABLE", "public.cases"),
        ({"columns": ["id", "update_at"]}, "DATABASE_NO_COLUMN", "updated_at"),
        ({"order": ["no"]}, "DATABASE_NO_COLUMN", "id"),
        ({"incremental": {"column": "updatedAt"}}, "DATABASE_NO_COLUMN", "updated_at"),
        ({"exchange": {}}, "DATABASE_NO_COLUMN", "SYNC_FLAG"),
        ({"where": "nothing = 1"}, "DATABASE_REFUSED", 'column "nothing" does not exist'),
        ({"where": "id = )"}, "DATABASE_REFUSED", "syntax error"),
    ],
)
def test_what_is_not_there_is_told_with_what_may_have_been_meant(
    puller: Any, database: Postgres, source: dict[str, Any], code: str, word: str
) -> None:
    found, words = problem(puller, **{**GOOD, **source})
    assert found == code
    assert word in words


def test_a_right_that_is_missing_is_told(puller: Any, database: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    database.sql("DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN PASSWORD 'guest-key'")
    uri = f"postgresql://guest:guest-key@127.0.0.1:{database.port}/{database.name}"
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": uri}))
    assert problem(puller, **GOOD)[0] == "DATABASE_FORBIDDEN"


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("postgresql://lake:hunter2@127.0.0.1:1/x", "DATABASE_UNREACHABLE"),
        ("postgresql://lake:hunter2@127.0.0.1:{port}/x", "DATABASE_UNREACHABLE"),
        ("postgresql://lake:hunter2@127.0.0.1:{port}/x?password=hunter2&sslmode=hunter2", "DATABASE_UNREACHABLE"),
        ("postgresql://lake:hunter2/@127.0.0.1:{port}/x", "CONNECTION_BROKEN"),
        ("postgresql://lake:hun@hunter2@[::1/x", "CONNECTION_BROKEN"),
        ("postgresql://lake:hunter2%@127.0.0.1/x", "CONNECTION_BROKEN"),
        ("postgresql://lake:1#hunter2@127.0.0.1/x", "CONNECTION_BROKEN"),
        ("mysql://lake:hunter2@127.0.0.1:1/x", "DATABASE_UNREACHABLE"),
        ("mysql://lake:hunter2@127.0.0.1:hunter2/x", "CONNECTION_BROKEN"),
        ("nosuchdb://lake:hunter2@127.0.0.1/x", "DATABASE_DRIVER_MISSING"),
        ("oracle+cx_oracle://lake:hunter2@127.0.0.1/x", "DATABASE_DRIVER_MISSING"),
        ("hunter2", "CONNECTION_BROKEN"),
    ],
)
def test_no_part_of_an_address_is_shown(
    puller: Any,
    database: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    uri: str,
    code: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    uri = uri.format(port=database.port)
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": uri}))
    found, words = problem(puller, **GOOD)
    assert found == code
    shown = words + caplog.text
    assert "hunter2" not in shown
    assert uri not in shown


def test_the_password_is_nowhere_in_what_a_pull_leaves(puller: Any, database: Postgres) -> None:
    receipt = puller.one("database", **GOOD)
    shown = repr(receipt) + "".join(path.read_bytes().decode("latin-1") for path in puller.landed())
    assert PASSWORD not in shown
    assert database.uri not in shown


def test_a_connection_that_is_lost_on_the_way_is_incomplete_with_both_numbers(puller: Any, database: Postgres) -> None:
    database.sql("INSERT INTO cases SELECT g, repeat(md5(g::text), 300) FROM generate_series(2, 9000) g")
    with pytest.MonkeyPatch.context() as patch:
        _end_after_the_first_batch(patch, database)
        receipt = puller.one("database", **GOOD, rows_per_file=1000)
    assert receipt.status == "incomplete"
    assert receipt.declared_count == 9_000
    assert 0 < receipt.stored_count < 9_000
    assert receipt.problem.code == "DATABASE_BROKE_OFF"
    assert (receipt.problem.values["declared"], receipt.problem.values["stored"]) == (9_000, receipt.stored_count)
    assert receipt.state is None
    assert puller.one("database", **GOOD).status == "received"


def _end_after_the_first_batch(patch: pytest.MonkeyPatch, database: Postgres) -> None:
    """The server ends the connection as soon as the first rows have come."""
    from citylake.pipelines.pull.connectors.database.postgres_session import PostgresSession

    stream = PostgresSession.stream

    def cut(session: PostgresSession, sql: str) -> Any:
        for number, batch in enumerate(stream(session, sql)):
            if number == 1:
                database.hang_up()
            yield batch

    patch.setattr(PostgresSession, "stream", cut)


def test_a_question_that_takes_too_long_is_given_up(puller: Any, database: Postgres) -> None:
    start = time.monotonic()
    slow = "SELECT id, pg_sleep(30)::text AS slept FROM cases"
    assert problem(puller, connection="front", query=slow, deadline_s=1.0)[0] == "PULL_TOO_LONG"
    assert time.monotonic() - start < 10


def test_rows_that_change_while_they_are_read_are_those_of_one_moment(puller: Any, database: Postgres) -> None:
    database.sql("INSERT INTO cases SELECT g, repeat('x', 500) FROM generate_series(2, 60000) g")
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            database.sql("DELETE FROM cases WHERE id % 7 = 0", "INSERT INTO cases SELECT max(id) + 1, 'n' FROM cases")

    beside = threading.Thread(target=churn)
    beside.start()
    try:
        receipts = [puller.one("database", **GOOD) for _ in range(3)]
    finally:
        stop.set()
        beside.join()
    assert [(each.status, each.declared_count == each.stored_count) for each in receipts] == [("received", True)] * 3


MEMORY = """
import resource, sys
from citylake.pipelines.pull.connector_api import FetchProgress, load_connector, PullContext
from citylake.pipelines.records import Run
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from datetime import datetime, UTC

source = DatabaseSource(connector="database", connection="front", table="public.wide", rows_per_file=50_000)
(fetch,) = load_connector("database").fetches(source, PullContext({}, Run("r", datetime.now(UTC))))
tally, size = FetchProgress(), 0
before = None
for part in fetch.parts(tally):
    for chunk in part.chunks:
        size += len(chunk)
    before = before or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(tally.stored, size, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux does the system tell the peak in kilobytes")
def test_memory_does_not_grow_with_the_table(database: Postgres, root: Path) -> None:
    database.sql(
        "CREATE TABLE wide AS SELECT g AS id, md5(g::text) || repeat(md5(g::text), 30) AS a, repeat('宽', 300) AS b"
        " FROM generate_series(1, 300000) g"
    )
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=root, env=dict(os.environ), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rows, size, grown_mb = map(int, done.stdout.split())
    assert (rows, size > 1_000_000) == (300_000, True)
    # Of the 570 MB of text.
    assert grown_mb < 100
