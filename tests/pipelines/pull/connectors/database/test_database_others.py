"""MySQL and SQLite through SQLAlchemy: the same promises, with every value as text."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.connectors.database import sqlalchemy_session
from citylake.pipelines.pull.connectors.database.connector import DatabaseConnector
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.records import Receipt, Run
from tests.mariadb import MariaDb

CASES = "CREATE TABLE cases (id INT PRIMARY KEY, word VARCHAR(20), at DATETIME(6), batch INT, flag CHAR(1), op CHAR(1))"
ROWS = (
    "INSERT INTO cases VALUES (1, '甲', '2026-03-01 08:00:00.000001', 1, '0', 'I'), (2, '乙 %s :x', NULL, 2, '0', 'D')"
)
EXCHANGE = {"batch": "batch", "operation": "op", "taken": "flag", "time": "at"}


class Sqlite:
    def __init__(self, path: Path) -> None:
        self.path, self.uri = path, f"sqlite:///{path}"

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            done = [connection.execute(statement) for statement in statements]
            return done[-1].fetchall()


Database = MariaDb | Sqlite


@pytest.fixture(params=["mariadb", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    named = request.param == "mariadb"
    made: Database = request.getfixturevalue("mariadb") if named else Sqlite(tmp_path / "front.db")
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": made.uri}))
    made.sql(CASES, ROWS)
    return made


def pulled(puller: Any, **source: Any) -> Receipt:
    receipt: Receipt = puller.one("database", **{"connection": "front", "table": "cases", **source})
    return receipt


def rows(receipt: Receipt) -> list[tuple[Any, ...]]:
    assert receipt.problem is None, receipt.problem
    return [tuple(row.values()) for path in receipt.landing for row in pq.read_table(path).to_pylist()]


def test_every_row_comes_as_text_and_the_same_rows_are_the_same_bytes(puller: Any, database: Database) -> None:
    receipt = pulled(puller)
    assert (receipt.status, receipt.declared_count, receipt.stored_count, receipt.proof) == ("received", 2, 2, "count")
    assert rows(receipt) == [
        ("1", "甲", "2026-03-01 08:00:00.000001", "1", "0", "I"),
        ("2", "乙 %s :x", None, "2", "0", "D"),
    ]
    puller.commit([receipt])
    assert pulled(puller).status == "unchanged"


def test_conditions_may_hold_what_drivers_take_for_parameters(puller: Any, database: Database) -> None:
    assert len(rows(pulled(puller, where="word LIKE '%s :x'"))) == 1
    query = "SELECT count(*) AS n FROM cases WHERE word <> ':x' -- all"
    assert rows(pulled(puller, table=None, query=query)) == [("2",)]


@pytest.mark.parametrize(("column", "overlap"), [("id", "0"), ("id", "1")])
def test_the_next_pull_begins_at_the_watermark(puller: Any, database: Database, column: str, overlap: str) -> None:
    incremental = {"column": column, "overlap": overlap}
    puller.commit([pulled(puller, incremental=incremental)])
    database.sql("INSERT INTO cases (id) VALUES (3)")
    found = rows(pulled(puller, incremental=incremental))
    assert [row[0] for row in found] == ["1", "2", "3"][1 - int(overlap) :]


def test_only_rows_that_were_read_are_marked(puller: Any, database: Database) -> None:
    receipt = pulled(puller, exchange=EXCHANGE)
    assert [row[0] for row in rows(receipt)] == ["1", "2"]
    database.sql("INSERT INTO cases VALUES (3, 'x', '2026-03-01 09:00:00', 2, '0', 'I')")
    source = {"connector": "database", "connection": "front", "table": "cases", "exchange": EXCHANGE}
    taken = DatabaseSource.model_validate(source)
    pulling = PullContext({}, Run("run", datetime(2026, 3, 1, tzinfo=UTC)))
    DatabaseConnector().settle(taken, pulling, dict(receipt.state or {}))
    assert database.sql("SELECT id, flag FROM cases ORDER BY id") == [(1, "1"), (2, "1"), (3, "0")]
    DatabaseConnector().settle(taken, pulling, dict(receipt.state or {}))
    assert database.sql("SELECT flag FROM cases WHERE id = 3") == [("0",)]


def test_nothing_can_be_written_by_a_question(puller: Any, database: Database) -> None:
    for query in ("SELECT 1) q; DELETE FROM cases; --", "WITH x AS (SELECT 1) DELETE FROM cases"):
        receipt = pulled(puller, table=None, query=query)
        assert (receipt.status, receipt.problem and receipt.problem.code) == ("failed", "DATABASE_REFUSED")
    assert database.sql("SELECT count(*) FROM cases") == [(2,)]


def test_what_is_not_there_is_told(puller: Any, database: Database) -> None:
    missing = pulled(puller, table="casess").problem
    assert missing
    assert (missing.code, missing.values["suggestion"]) == ("DATABASE_NO_TABLE", "cases")
    column = pulled(puller, columns=["wort"]).problem
    assert column
    assert column.code == "DATABASE_NO_COLUMN"
    assert column.values["suggestion"].startswith("word")


def test_values_of_mysql_lose_nothing(puller: Any, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": mariadb.uri}))
    values = {
        "DECIMAL(30,8)": ("'1234567890123456789.10000000'", "1234567890123456789.10000000"),
        "DECIMAL(20,10)": ("'0.0000000001'", "0.0000000001"),
        "DOUBLE": ("0.1", "0.1"),
        "BIGINT UNSIGNED": ("18446744073709551615", "18446744073709551615"),
        "DATE": ("'2026-03-01'", "2026-03-01"),
        "DATETIME": ("'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
        "TIME(6)": ("'-838:59:58.000001'", "-838:59:58.000001"),
        "YEAR": ("2026", "2026"),
        "VARBINARY(4)": ("x'00ff'", "00ff"),
        "JSON": ("'{\"a\": 1.10}'", '{"a": 1.10}'),
        "BIT(9)": ("b'100000001'", "0101"),
        "ENUM('晴','雨')": ("'晴'", "晴"),
    }
    columns = ", ".join(f"c{place} {kind}" for place, kind in enumerate(values))
    written = ", ".join(sql for sql, _ in values.values())
    mariadb.sql("SET sql_mode = ''", f"CREATE TABLE kinds ({columns})", f"INSERT INTO kinds VALUES ({written})")
    (row,) = rows(pulled(puller, table="kinds"))
    assert dict(zip(values, row, strict=True)) == {kind: text for kind, (_, text) in values.items()}


def test_times_of_mysql_are_watermarks_to_the_microsecond(
    puller: Any, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": mariadb.uri}))
    mariadb.sql(CASES, ROWS, "INSERT INTO cases (id, at) VALUES (7, '2026-03-01 07:59'), (8, '9999-12-31')")
    incremental = {"column": "at", "overlap": "30s"}
    puller.commit([pulled(puller, incremental=incremental)])
    assert puller.states["cases"] == {"column": "at", "type": "datetime", "since": "2026-03-01 08:00:00.000001"}
    found = [row[0] for row in rows(pulled(puller, incremental=incremental))]
    # The one at the mark, the one without a time, and the one of the far future; not the one of a minute before.
    assert found == ["1", "2", "8"]


def test_a_server_that_goes_away_is_incomplete_with_both_numbers(
    puller: Any, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": mariadb.uri}))
    mariadb.sql("CREATE TABLE wide AS SELECT seq AS id, repeat(md5(seq), 50) AS t FROM seq_1_to_60000")
    stream = sqlalchemy_session.AlchemySession.stream

    def cut(session: sqlalchemy_session.AlchemySession, sql: str) -> Any:
        for number, batch in enumerate(stream(session, sql)):
            if number == 1:
                mine = mariadb.sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT id, t%'")
                mariadb.sql(f"KILL {mine[0][0]}")
            yield batch

    monkeypatch.setattr(sqlalchemy_session.AlchemySession, "stream", cut)
    receipt = pulled(puller, table="wide", rows_per_file=1000)
    assert (receipt.status, receipt.declared_count) == ("incomplete", 60_000)
    assert receipt.problem
    assert receipt.problem.code == "DATABASE_BROKE_OFF"
    assert 0 < (receipt.stored_count or 0) < 60_000


def test_a_question_that_takes_too_long_is_given_up(
    puller: Any, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": mariadb.uri}))
    slow = "SELECT SLEEP(30) AS slept"
    problem = pulled(puller, table=None, query=slow, deadline_s=1.0).problem
    assert problem
    assert problem.code == "PULL_TOO_LONG"
