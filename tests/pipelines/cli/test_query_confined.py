"""Who may query a mart or the ledger reads its tables, and no file, address, variable or setting of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.ledger_sql import query_ledger
from citylake.pipelines.read.mart_reader import open_mart, query_mart
from citylake.schemas.words.errors import CitylakeError

REACHING_OUT = (
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM day WHERE day::VARCHAR = (SELECT content FROM read_text('{secret}'))",
    "SELECT * FROM \"read_text\" /* x */ ('{secret}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM read_text('http://127.0.0.1:9/x')",
    "COPY (SELECT 1) TO '{made}'",
    "COPY (SELECT 1) TO '{file}.wal'",
    "COPY (SELECT 1) TO '{file}' (USE_TMP_FILE false)",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{file}.wal'",
    "COPY FROM DATABASE memory TO other",
    "EXPORT DATABASE '{made}'",
    "IMPORT DATABASE '{made}'",
    "ATTACH '{made}'",
    "ATTACH '{lake}' AS other",
    "ATTACH '{file}' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH traffic",
    "INSTALL httpfs",
    "LOAD httpfs",
    "UPDATE EXTENSIONS",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET lock_configuration = false",
    "SET temp_directory = '{folder}'",
    "SET threads = 1",
    "SELECT 1; SET threads = 1",
    "PRAGMA enable_profiling",
    "PRAGMA profiling_output = '{made}'",
    "CALL enable_logging(storage = 'file', storage_path = '{made}')",
    "FROM enable_logging(storage = 'file', storage_path = '{made}')",
    "SELECT write_log('x')",
    "SELECT getenv('PATH')",
    "SELECT current_setting('temp_directory')",
    "FROM duckdb_settings()",
    "FROM duckdb_secrets()",
    "FROM query('SELECT 1')",
    "FROM query_table('day')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "CREATE SECRET key (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE TEMPORARY SECRET key (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "PREPARE plan AS SELECT 1",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "CREATE TABLE day2 AS SELECT 1",
    "DELETE FROM day",
)
HONEST = (
    "SELECT count(*) FROM day",
    "FROM day",
    "WITH chosen AS (SELECT * FROM day) SELECT max(flow_veh) FROM chosen -- read_text('x')",
    "VALUES (1)",
    "SHOW TABLES",
    "DESCRIBE day",
    "SUMMARIZE day",
    "PRAGMA table_info('day')",
    "EXPLAIN SELECT * FROM day",
    "PIVOT day ON flow_veh USING count(*)",
    "SELECT 'read_text(''/etc/passwd'')', '中文', ln(2), log(2)",
    "CREATE TEMP TABLE chosen AS FROM day; SELECT * FROM chosen",
    "CREATE TEMP MACRO twice(x) AS 2 * x; SELECT twice(flow_veh) FROM day",
)


@pytest.mark.parametrize("where", ["mart", "ledger"])
def test_sql_of_a_query_reaches_nothing_outside(ran: Any, tmp_path: Path, where: str) -> None:
    lake = Lake(str(ran.root / "lake"))
    (file,) = Path(lake.mart("traffic")).glob("traffic-*.duckdb")
    before = sorted(file.parent.glob("*.duckdb*"))
    secret, made = tmp_path / "secret.csv", tmp_path / "made"
    secret.write_text("the secret of the neighbour")
    places = {"secret": secret, "folder": tmp_path, "made": made, "lake": tmp_path / "other.duckdb", "file": file}
    for statement in REACHING_OUT:
        sql = statement.format(**places)
        with pytest.raises(CitylakeError) as raised:
            query_mart(lake, "traffic", sql) if where == "mart" else query_ledger(lake, sql)
        assert raised.value.code == "QUERY_NOT_ALLOWED", (sql, str(raised.value))
        assert not made.exists()
        assert sorted(file.parent.glob("*.duckdb*")) == before, sql
    command = ("query", "traffic") if where == "mart" else ("ledger",)
    code, told = ran.json(*command, f"SELECT * FROM read_text('{secret}')")
    assert (code, told["error"]["code"]) == (1, "QUERY_NOT_ALLOWED")
    assert "the secret of the neighbour" not in str(told)


def test_a_query_that_reads_tables_only_works(ran: Any) -> None:
    for sql in HONEST:
        assert query_mart(Lake(str(ran.root / "lake")), "traffic", sql)[0], sql


def test_sql_of_an_open_mart_reads_that_mart_only(ran: Any, tmp_path: Path) -> None:
    (file,) = (ran.root / "lake/marts/traffic").glob("traffic-*.duckdb")
    before = sorted(file.parent.glob("*.duckdb*"))
    outside = (
        f"COPY (SELECT 1) TO '{file}.wal'",
        f"COPY (SELECT 1) TO '{file}' (USE_TMP_FILE false)",
        f"COPY (SELECT 1) TO '{tmp_path}/made'",
        f"FROM read_blob('{file}')",
        "FROM read_text('/etc/hosts')",
        "INSTALL httpfs",
        "SET temp_directory = '/tmp'",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
    )
    with open_mart(Lake(str(ran.root / "lake")), "traffic") as mart:
        for sql in outside:
            with pytest.raises(duckdb.Error, match=r"disabled|locked"):
                mart.execute(sql)
        mart.execute("SET threads = 1; SET memory_limit = '500MB'; SET TimeZone = 'UTC'")
        mart.execute("CREATE TEMP TABLE mine AS FROM day")
        assert mart.execute("SELECT count(*) FROM mine").fetchone() == (1,)
    assert sorted(file.parent.glob("*.duckdb*")) == before
