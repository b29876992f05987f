"""DuckDB's plan, read into records: whatever the SQL looks like, the engine itself says where a column comes from."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from citylake.pipelines.marts.plan.bound_select import BindError, bind_select
from citylake.pipelines.marts.plan.plan_operators import (
    Aggregate,
    Join,
    Operator,
    Ordered,
    OuterColumns,
    TableScan,
    expressions_of,
    walk_operators,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA air; CREATE TABLE air.h (code VARCHAR, pm25 DOUBLE, day DATE)")
        connection.execute("CREATE TABLE p (id VARCHAR, name VARCHAR, code VARCHAR, age BIGINT, l VARCHAR[])")
        yield connection


def scanned(top: Operator) -> set[tuple[tuple[str, ...], str]]:
    scans = [each for each in walk_operators(top) if isinstance(each, TableScan)]
    return {(scan.table, column) for scan in scans for column in scan.columns}


@pytest.mark.parametrize(
    ("select", "columns"),
    [
        ("SELECT id.upper().substr(1, 3) AS x FROM p", {"id"}),
        ("SELECT columns('n.*') FROM p", {"name"}),
        ("SELECT to_json(r) AS j FROM p AS r", {"id", "name", "code", "age", "l"}),
        ("SELECT r::VARCHAR AS j FROM p AS r", {"id", "name", "code", "age", "l"}),
        ("SELECT * FROM query_table('p')", {"id", "name", "code", "age", "l"}),
        ("SELECT * FROM query('SELECT name FROM p')", {"name"}),
        ("UNPIVOT (SELECT id, name FROM p) ON id, name INTO NAME k VALUE v", {"id", "name"}),
        ("PIVOT p ON code IN ('a', 'b') USING sum(age) GROUP BY name", {"code", "age", "name"}),
        ("SELECT list_transform(l, x -> x || name) AS y FROM p", {"l", "name"}),
    ],
)
def test_every_way_of_naming_a_column_ends_at_the_table(
    connection: duckdb.DuckDBPyConnection, select: str, columns: set[str]
) -> None:
    assert scanned(bind_select(connection, select).plan) == {(("p",), column) for column in columns}


def test_places_of_columns_are_within_the_inputs(connection: duckdb.DuckDBPyConnection) -> None:
    found = bind_select(
        connection,
        "WITH a AS (SELECT id, code, count(*) AS n FROM p GROUP BY ALL HAVING count(*) > 1) "
        "SELECT a.*, (SELECT max(pm25) FROM air.h WHERE h.code = a.code) AS most FROM a "
        "WHERE EXISTS (SELECT 1 FROM air.h WHERE h.code = a.code) QUALIFY row_number() OVER (ORDER BY n) < 3",
    )
    assert list(found.columns) == ["id", "code", "n", "most"]
    assert any(isinstance(each, Aggregate) for each in walk_operators(found.plan))
    joins = [each for each in walk_operators(found.plan) if isinstance(each, Join) and each.correlated]
    outer = [each for each in walk_operators(found.plan) if isinstance(each, OuterColumns)]
    assert joins
    assert outer
    kinds = {e.kind for o in walk_operators(found.plan) for each in expressions_of(o) for e in each.walk()}
    assert "unknown" not in kinds


@pytest.mark.parametrize(
    ("select", "line"),
    [("SELECT\n  nothing\nFROM p", 2), ("SELECT id\nFROM nowhere", 2), ("SELECT id, -- 城市\n  name +\nFROM", 3)],
)
def test_an_error_has_its_line(connection: duckdb.DuckDBPyConnection, select: str, line: int) -> None:
    with pytest.raises(BindError) as caught:
        bind_select(connection, select)
    assert caught.value.line == line
    assert "LINE" not in caught.value.reason


def test_a_pivot_whose_columns_depend_on_rows_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(BindError):
        bind_select(connection, "PIVOT p ON code USING sum(age)")


def test_values_of_a_lateral_join_keep_what_they_read(connection: duckdb.DuckDBPyConnection) -> None:
    bound = bind_select(connection, "SELECT v.x FROM p, LATERAL (VALUES (p.name), ('b')) AS v(x)")
    assert any(isinstance(each, OuterColumns) for each in walk_operators(bound.plan))


def test_a_limit_by_a_subquery_keeps_what_it_reads(connection: duckdb.DuckDBPyConnection) -> None:
    bound = bind_select(connection, "SELECT code FROM p LIMIT (SELECT max(age) FROM p)")
    (limit,) = (each for each in walk_operators(bound.plan) if isinstance(each, Ordered))
    assert [each.kind for each in limit.keys] == ["column"]
