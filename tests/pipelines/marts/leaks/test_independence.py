"""What the walk says does not depend on a column stays the same, whatever is in that column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.leaks.cell_values import CellReader
from citylake.pipelines.marts.leaks.leak_walk import LeakWalk
from citylake.pipelines.marts.leaks.source_columns import SourceColumn, SourceTable
from citylake.pipelines.marts.plan.bound_select import BoundSelect, bind_select
from citylake.schemas.model.sensitivity_level import SensitivityLevel

from .random_selects import COLUMNS, RandomSelects

SECRET = SensitivityLevel(3, 2, 2)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        found.execute("SET threads = 1; CREATE TABLE t (a INT, b INT, c INT); CREATE TABLE u (a INT, b INT, c INT)")
        yield found


def _walked(bound: BoundSelect) -> tuple[list[set[str]], set[str]]:
    """By column, the sources that it may depend on; and those that decide about rows."""
    tables = {
        name: SourceTable(
            {each: SourceColumn(name, each, SECRET, "quantity", required=True) for each in COLUMNS},
            SourceColumn(name, "*", SECRET),
            key=frozenset({"rowid"}),
        )
        for name in ("t", "u")
    }
    reader = CellReader(SensitivityLevel(), {}, bound.line_of, {}, smallest=1000)
    rows = LeakWalk(reader, tables, {}).visit(bound.plan)
    return [{str(each.source) for each in cell.flows} for cell in rows.cells], {
        str(each.source) for each in rows.presence
    }


@given(seed=st.integers(0, 2**48))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_column_that_does_not_depend_on_another_stays_as_it_is(
    connection: duckdb.DuckDBPyConnection, seed: int
) -> None:
    random = Random(seed)
    sql = RandomSelects(random).query(2)
    columns, presence = _walked(bind_select(connection, sql))
    tables = {name: [tuple(random.randrange(3) for _ in COLUMNS) for _ in range(5)] for name in ("t", "u")}
    before = _result(connection, sql, tables)
    for table, place in product(tables, range(len(COLUMNS))):
        secret = f"{table}.{COLUMNS[place]}"
        kept = [n for n, sources in enumerate(columns) if secret not in sources]
        if secret in presence or not kept:
            continue
        changed = [(*row[:place], random.randrange(3), *row[place + 1 :]) for row in tables[table]]
        after = _result(connection, sql, {**tables, table: changed})
        assert _only(after, kept) == _only(before, kept), (sql, secret, kept)


Row = tuple[object, ...]


def _result(connection: duckdb.DuckDBPyConnection, sql: str, tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    for name, rows in tables.items():
        values = ", ".join(str(row) for row in rows)
        connection.execute(f"DELETE FROM {name}; INSERT INTO {name} VALUES {values}")
    return connection.execute(sql).fetchall()


def _only(rows: Sequence[Row], kept: Sequence[int]) -> list[Row]:
    return sorted((tuple(row[place] for place in kept) for row in rows), key=repr)
