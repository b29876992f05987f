"""Tables of PostgreSQL: every row of one snapshot, with nothing lost of any value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from citylake.pipelines.records import Receipt
from tests.postgres import Postgres

TABLE = "public.cases"


@pytest.fixture
def source(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of a table of three cases."""
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": postgres.uri}))
    postgres.sql(
        "CREATE TABLE cases (id int PRIMARY KEY, title text, updated_at timestamptz)",
        "INSERT INTO cases SELECT g, '工单' || g, '2026-03-01 08:00+08'::timestamptz + g * interval '1 minute'"
        " FROM generate_series(1, 3) g",
    )
    return {"connection": "front", "table": TABLE}


def rows(receipt: Receipt) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for path in receipt.landing for row in pq.read_table(path).to_pylist()]


def test_every_row_is_counted_before_and_after(puller: Any, source: dict[str, Any]) -> None:
    receipt = puller.one("database", **source)
    assert (receipt.status, receipt.declared_count, receipt.stored_count, receipt.proof) == ("received", 3, 3, "count")
    assert (receipt.name, receipt.source) == (TABLE, f"front: {TABLE}")
    assert rows(receipt)[0] == (1, "工单1", "2026-03-01 00:01:00+00:00")


def test_the_same_rows_are_the_same_bytes_in_whatever_order_they_lie(
    puller: Any, source: dict[str, Any], postgres: Postgres
) -> None:
    first = puller.one("database", **source)
    puller.commit([first])
    postgres.sql("UPDATE cases SET title = title WHERE id = 1")
    assert puller.one("database", **source).status == "unchanged"
    postgres.sql("UPDATE cases SET title = '改' WHERE id = 1")
    assert puller.one("database", **source).status == "received"


def test_files_hold_at_most_as_many_rows_as_is_said(puller: Any, source: dict[str, Any]) -> None:
    receipt = puller.one("database", **source, rows_per_file=2)
    assert [Path(path).name for path in receipt.landing] == ["00001.parquet", "00002.parquet"]
    assert [pq.read_metadata(path).num_rows for path in receipt.landing] == [2, 1]


def test_an_empty_table_has_its_columns(puller: Any, source: dict[str, Any], postgres: Postgres) -> None:
    postgres.sql("DELETE FROM cases")
    receipt = puller.one("database", **source)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 0, 0)
    assert pq.read_schema(receipt.landing[0]).names == ["id", "title", "updated_at"]


def test_columns_condition_and_order_are_the_contracts(puller: Any, source: dict[str, Any]) -> None:
    chosen = {"columns": ["title", "id"], "where": "title LIKE '%:工单%' OR id > 1 -- late", "order": ["updated_at"]}
    assert rows(puller.one("database", **source, **chosen)) == [("工单2", 2), ("工单3", 3)]


def test_a_query_is_a_source_too(puller: Any, source: dict[str, Any]) -> None:
    query = "SELECT count(*) AS n, max(id)::numeric / 2 AS half FROM cases;"
    receipt = puller.one("database", connection="front", query=query)
    assert (receipt.name, rows(receipt)) == ("query", [(3, "1.5000000000000000")])


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM cases RETURNING *) SELECT * FROM gone",
        "SELECT 1 AS a) q; DROP TABLE cases; --",
        "SELECT setval('s', 9)",
    ],
)
def test_a_query_that_would_write_is_refused(
    puller: Any, source: dict[str, Any], postgres: Postgres, query: str
) -> None:
    postgres.sql("CREATE SEQUENCE s")
    receipt = puller.one("database", connection="front", query=query)
    assert receipt.status == "failed"
    assert receipt.problem.code == "DATABASE_REFUSED"
    assert postgres.sql("SELECT count(*) FROM cases") == [(3,)]


def test_values_that_arrow_would_lose_come_as_the_servers_text(
    puller: Any, source: dict[str, Any], postgres: Postgres
) -> None:
    values = {
        "numeric": ("'12345678901234567890.1234500'", "12345678901234567890.1234500"),
        "json": ('\'{"b": 1.10, "a": [1]}\'', '{"b": 1.10, "a": [1]}'),
        "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        "text[]": ("'{a,\"b c\",NULL}'", '{a,"b c",NULL}'),
        "timestamptz": ("'2026-03-01 08:00:00.5+08'", "2026-03-01 00:00:00.5+00:00"),
        "timestamp": ("'infinity'", "infinity"),
        "date": ("'0044-03-15 BC'", "0044-03-15 BC"),
        "interval": ("'1 month 2 days'", "P1M2D"),
        "inet": ("'10.0.0.0/8'", "10.0.0.0/8"),
        "time": ("'24:00'", "24:00:00"),
        "money": ("1.5", "$1.50"),
        "bytea": ("'\\x00ff'", b"\x00\xff"),
        "float4": ("0.1", pytest.approx(0.1)),
        "boolean": ("true", True),
        "bigint": ("9223372036854775807", 2**63 - 1),
        "mood": ("'晴'", "晴"),
    }
    postgres.sql("CREATE TYPE mood AS ENUM ('晴', '雨')")
    columns = ", ".join(f"c{place} {kind}" for place, kind in enumerate(values))
    postgres.sql(f"CREATE TABLE kinds ({columns})")
    postgres.sql(f"INSERT INTO kinds VALUES ({', '.join(sql for sql, _ in values.values())})")
    (row,) = rows(puller.one("database", connection="front", table="kinds"))
    assert dict(zip(values, row, strict=True)) == {kind: text for kind, (_, text) in values.items()}


def test_a_name_may_hold_anything(puller: Any, source: dict[str, Any], postgres: Postgres) -> None:
    postgres.sql('CREATE SCHEMA "区"', 'CREATE TABLE "区"."a""b:c%s" ("列 ;--" int, "x:y" int PRIMARY KEY)')
    postgres.sql('INSERT INTO "区"."a""b:c%s" VALUES (1, 2)')
    assert rows(puller.one("database", connection="front", table='区.a"b:c%s')) == [(1, 2)]
