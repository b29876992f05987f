"""A served mart gives a DuckDB client of another process what ``citylake query`` would, and nothing else."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, accesses_table
from citylake.pipelines.marts.publish.mart_leases import leased_versions
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from tests.pipelines.cli.conftest import City
from tests.pipelines.cli.test_query_confined import HONEST, REACHING_OUT
from tests.pipelines.serve.conftest import TOKEN, Served, quoted, serving
from tests.set_pointer import set_pointer

ONLY_SERVED = (
    "CALL quack_stop('{address}')",
    "FROM quack_serve('quack:127.0.0.1:1')",
    "FROM quack_server_list()",
    "FROM quack_query('{address}', 'SELECT 1', token = '{token}')",
    "FROM quack_active_connections()",
    "SET GLOBAL quack_authorization_function = 'quack_nop_authorization'",
    "INSERT INTO day SELECT * FROM day",
    "/* a */ INSERT INTO day SELECT * FROM day",
    "WITH some AS (SELECT * FROM day) INSERT INTO day FROM some",
    "DROP TABLE day",
    "SELECT citylake_admit('a', 'b', 'c')",
)


def accesses(city: City) -> list[tuple[Any, ...]]:
    found = Ledger(Lake(str(city.root / "lake"))).read(accesses_table.TABLE)
    return found.select("user", "via", "request", "rows", "outcome").rows()


def test_a_client_of_another_process_reads_the_tables_and_each_query_is_on_record(served: Served) -> None:
    version = served.document["version"]
    attached, all_rows, chosen, remote, meant = served.ask(
        "FROM mart.day",
        "SELECT sum(flow_veh) FROM mart.day WHERE day >= DATE '2026-01-01'",
        "FROM quack_query_by_name('mart', 'SELECT count(*) AS n FROM day')",
        "FROM quack_query_by_name('mart', 'SELECT version FROM _mart')",
    )
    assert "error" not in attached
    assert all_rows == {"rows": [["2026-03-01", 30]]}
    assert (chosen, remote, meant) == ({"rows": [[30]]}, {"rows": [[1]]}, {"rows": [[version]]})
    asked = [row for row in accesses(served.city) if "FROM day" in row[2]]
    assert {row[:2] for row in asked} == {("operator", "quack")}
    assert ("operator", "quack", f"/* traffic {version} */ SELECT count(*) AS n FROM day", 1, "ok") in asked


def test_hostile_statements_reach_nothing_through_a_server(served: Served, tmp_path: Path) -> None:
    (file,) = (served.city.root / "lake/marts/traffic").glob("traffic-*.duckdb")
    before = sorted(file.parent.rglob("*"))
    secret, made = tmp_path / "secret.csv", tmp_path / "made"
    secret.write_text("the secret of the neighbour")
    places: dict[str, object] = {
        "secret": secret,
        "folder": tmp_path,
        "made": made,
        "lake": tmp_path / "other.duckdb",
        "file": file,
    }
    places |= {"address": served.document["address"], "token": TOKEN}
    statements = [sql.format(**places) for sql in (*REACHING_OUT, *ONLY_SERVED) if sql != "BEGIN"]
    answers = served.ask(*(f"FROM quack_query_by_name('mart', {quoted(sql)})" for sql in statements))[1:]
    for sql, answer in zip(statements, answers, strict=True):
        told = answer["error"]
        assert "QUERY_NOT_ALLOWED" in told or "QUERY_FAILED" in told or "Authorization failed" in told, (sql, told)
        assert "the secret of the neighbour" not in told
    assert not made.exists()
    assert sorted(file.parent.rglob("*")) == before
    # The server is as it was.
    assert served.run("SELECT count(*) FROM day") == {"rows": [[1]]}


def test_writes_of_a_client_through_its_catalogue_are_refused(served: Served) -> None:
    answers = served.ask(
        "INSERT INTO mart.day VALUES (DATE '2026-03-02', 1)",
        "CREATE TABLE mart.mine AS SELECT 1 AS a",
        "DELETE FROM mart.day",
        "DROP TABLE mart.day",
        "CREATE SCHEMA mart.mine",
    )[1:]
    assert all("error" in answer for answer in answers), answers
    assert served.run("SELECT count(*) FROM day") == {"rows": [[1]]}


def test_honest_statements_and_their_types_arrive(served: Served) -> None:
    answers = served.ask(*(f"FROM quack_query_by_name('mart', {quoted(sql)})" for sql in HONEST))[1:]
    assert [answer for answer in answers if "error" in answer] == []
    sql = """SELECT 1::HUGEINT h, uuid() IS NOT NULL u, INTERVAL 40 DAY i, 'a'::ENUM('a', 'b') e, {'x': [1, 2]} s,
        MAP {'a': 1.5} m, '101'::BIT b, TIME '10:00' t, 1.25::DECIMAL(9, 3) d, NULL n, '中文' z, TIMESTAMPTZ
        '2026-03-01 00:00:00+08' w, 1 AS d"""
    answer = served.run(sql)
    assert "rows" in answer, answer
    (row,) = answer["rows"]
    assert row[0] == 1
    assert row[3:6] == ["a", {"x": [1, 2]}, {"a": "1.5"}]
    assert row[10] == "中文"
    assert row[-1] == 1


def test_a_client_reads_in_a_transaction_of_its_own(served: Served) -> None:
    _, begun, within, again, ended, after = served.ask("BEGIN", *("FROM mart.day",) * 2, "COMMIT", "FROM mart.day")
    assert "error" not in begun | ended
    assert within == again == after == {"rows": [["2026-03-01", 30]]}


def test_a_query_ends_at_its_time_and_the_server_goes_on(city: City) -> None:
    with serving(city, "--timeout", "0.5", "--memory", "200MB", "--threads", "1") as served:
        slow = served.run("SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(10_000_000) b")
        assert "QUERY_TIMED_OUT" in slow["error"]
        assert served.run("SELECT count(*) FROM day") == {"rows": [[1]]}
    assert [row[-1] for row in accesses(city) if "range" in row[2]] == ["QUERY_TIMED_OUT"]


def test_a_token_is_made_and_printed_once_and_the_version_is_released_at_the_end(city: City) -> None:
    lake = Lake(str(city.root / "lake"))
    with serving(city, token="") as served:
        version = served.document["version"]
        assert leased_versions(lake, "traffic") == {version}
        assert len(served.document["token"]) >= 24
        (attached,) = served.ask(token="a-token-of-somebody-else")
        assert "Authentication failed" in attached["error"]
        assert served.run("SELECT 1") == {"rows": [[1]]}
        code, told = served.end()
    assert (code, told) == (0, "A client offered a wrong token and was refused.\n")
    assert leased_versions(lake, "traffic") == set()


def test_a_server_stays_on_its_version_until_it_is_told_to_move_on(city: City) -> None:
    with serving(city) as served:
        old = served.document["version"]
        city.drop("b.csv", "时间,设备,流量\n2026-03-02 08:00,JT0000000001,5\n")
        assert city.json("run")[0] == 0
        new = city.json("query", "traffic", "SELECT version FROM _mart")[1]["rows"][0]["version"]
        assert new != old
        assert served.run("SELECT version FROM _mart") == {"rows": [[old]]}
        os.kill(served.process.pid, signal.SIGHUP)
        assert served.process.stderr is not None
        # On a busy machine the server has said before that there is a newer version.
        assert any(f"Now serving version {new}" in line for line in iter(served.process.stderr.readline, ""))
        assert served.run("SELECT version, (SELECT count(*) FROM day) FROM _mart") == {"rows": [[new, 2]]}
    with serving(city, "--version", old) as served:
        assert served.run("SELECT count(*) FROM day") == {"rows": [[1]]}
    code, told = city.json("serve", "traffic", "--version", "20200101T000000000000Z")
    assert (code, told["error"]["code"]) == (1, "SERVE_VERSION_GONE")
    assert new in told["error"]["text"]["en"]


def test_a_mart_that_asks_who_reads_needs_names(city: City, tmp_path: Path) -> None:
    lake = Lake(str(city.root / "lake"))
    pointer = read_pointer(lake, "traffic")
    assert pointer is not None
    for asks in ({"accesses": "required"}, {"personal": True}, {"readers": "analysts"}):
        set_pointer(lake, replace(pointer, **asks))
        code, told = city.json("serve", "traffic")
        assert (code, told["error"]["code"]) == (1, "SERVE_REFUSED"), asks
    tokens = tmp_path / "tokens"
    tokens.write_text("nobody-of-this-machine token-of-a-stranger-1\n")
    tokens.chmod(0o600)
    code, told = city.json("serve", "traffic", "--tokens", str(tokens))
    assert "nobody-of-this-machine" in told["error"]["text"]["en"]
    set_pointer(lake, replace(pointer, accesses="required", personal=True))
    tokens.write_text("# readers\nli token-of-li-0000001\nwang token-of-wang-00001  # of the bureau\n")
    with serving(city, "--tokens", str(tokens)) as served:
        assert served.document["token"] is None
        sql = "FROM quack_query_by_name('mart', 'SELECT ''13800138000'' FROM day')"
        assert served.ask(sql, token="token-of-li-0000001")[1] == {"rows": [["13800138000"]]}
        assert served.ask(sql, token="token-of-wang-00001")[1] == {"rows": [["13800138000"]]}
    version = served.document["version"]
    asked = [row for row in accesses(city) if "FROM day" in row[2]]
    assert [row[0] for row in asked] == ["li", "wang"]
    assert {row[2] for row in asked} == {f"/* traffic {version} */ SELECT '?' FROM day"}
