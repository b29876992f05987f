"""A query, and the SQL of a mart, have an end: in time, and in memory."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.lake.duckdb_timeout import interrupt_after

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 1"
LARGE = "SELECT string_agg(repeat('x', 1000) || range) FROM range(500000)"
SPILLING = "SELECT count(*) AS rows FROM (SELECT hash(range) h, list(range) FROM range(3000000) GROUP BY h)"
ENOUGH_S = 20.0


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("command", [["query", "traffic"], ["ledger"]])
def test_a_query_that_never_ends_is_interrupted_and_leaves_nothing(
    ran: Any, temporary: Path, command: list[str]
) -> None:
    began = time.monotonic()
    code, told = ran.json(*command, ENDLESS, "--timeout", "0.5")
    assert (code, told["error"]["code"]) == (1, "QUERY_TIMED_OUT")
    assert time.monotonic() - began < ENOUGH_S
    code, told = ran.json(*command, LARGE, "--memory", "200MB")
    assert (code, told["error"]["code"]) == (1, "QUERY_OUT_OF_MEMORY")
    assert "200 MB" in json.dumps(told)
    assert ran.json(*command, SPILLING, "--memory", "200MB")[1]["rows"] == [{"rows": 3_000_000}]
    assert list(temporary.glob("citylake*")) == []


def test_a_query_cannot_raise_its_own_limits(ran: Any) -> None:
    code, told = ran.json("query", "traffic", "SET memory_limit = '100GB'")
    assert (code, told["error"]["code"]) == (1, "QUERY_NOT_ALLOWED")


@pytest.mark.parametrize("limit", [["--timeout", "0"], ["--timeout", "nan"], ["--memory", "little"]])
def test_a_limit_that_is_none_is_refused(ran: Any, limit: list[str]) -> None:
    assert ran.call("query", "traffic", "SELECT 1", *limit)[0] != 0


def test_a_select_of_a_mart_that_never_ends_ends_the_mart_and_not_the_run(city: Any) -> None:
    mart = city.root / "workspace/marts/traffic"
    declared = (mart / "mart.yaml").read_text(encoding="utf-8")
    (mart / "mart.yaml").write_text(f"{declared.rstrip()}\ntimeout: 1s\n", encoding="utf-8")
    good = (mart / "day.sql").read_text(encoding="utf-8")
    endless = f"SELECT day, flow_veh + ({ENDLESS}) AS flow_veh FROM ({good})"
    (mart / "day.sql").write_text(endless, encoding="utf-8")
    began = time.monotonic()
    code, told = city.json("run")
    assert time.monotonic() - began < ENOUGH_S
    assert code != 0
    assert "MART_SQL_TIMED_OUT" in json.dumps(told)
    assert city.json("ledger", "SELECT status FROM batches")[1]["rows"] == [{"status": "committed"}]
    (mart / "day.sql").write_text(good, encoding="utf-8")
    check = f"{{name: {{zh: 无, en: none}}, sql: '{ENDLESS}'}}"
    (mart / "mart.yaml").write_text(f"{declared.rstrip()}\n    checks: [{check}]\ntimeout: 1s\n", encoding="utf-8")
    assert "MART_SQL_TIMED_OUT" in json.dumps(city.json("run")[1])
    (mart / "mart.yaml").write_text(declared, encoding="utf-8")
    assert city.json("run")[0] == 0


def test_an_interrupt_between_two_statements_is_not_lost() -> None:
    with duckdb.connect() as connection, interrupt_after(connection, 0.05) as limit:
        time.sleep(0.3)
        with pytest.raises(duckdb.InterruptException):
            connection.execute(ENDLESS).fetchall()
        assert limit.exceeded
    assert connection is not None


def test_what_ends_in_time_is_not_interrupted() -> None:
    with duckdb.connect() as connection:
        for _ in range(20):
            with interrupt_after(connection, 5) as limit:
                connection.execute("SELECT 1").fetchall()
            assert not limit.exceeded
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
