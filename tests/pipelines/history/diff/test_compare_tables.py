"""Rows of two versions are joined on the grain, with nulls, other types and rows that repeat it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pytest

from citylake.pipelines.history.diff.cause_cells import LinkedCause, link_by_steps, link_rest, links_of, name_rounding
from citylake.pipelines.history.diff.cell_steps import CellSteps
from citylake.pipelines.history.diff.compare_tables import (
    PairedTable,
    column_differences,
    pair_table,
    status_counts,
)
from citylake.pipelines.history.diff.row_filter import RowFilter
from citylake.pipelines.history.diff.version_tables import AFTER, BEFORE, version_columns


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for alias in (BEFORE, AFTER):
            opened.execute(f"ATTACH ':memory:' AS {alias}")
        yield opened


def _pair(connection: duckdb.DuckDBPyConnection, before: str, after: str, grain: Sequence[str] = ("k",)) -> PairedTable:
    for alias, rows in ((BEFORE, before), (AFTER, after)):
        connection.execute(f"CREATE TABLE {alias}.main.t AS {rows}")
    old, new = (version_columns(connection, alias)["t"] for alias in (BEFORE, AFTER))
    return pair_table(connection, "t", old, new, grain, None, RowFilter())


def test_nulls_are_values_and_nan_equals_itself(connection: duckdb.DuckDBPyConnection) -> None:
    rows = "FROM (VALUES (1, {}, 'a'), (NULL, 2.0, NULL), (3, 'nan'::DOUBLE, 'c')) AS t(k, x, y)"
    paired = _pair(connection, f"SELECT * {rows.format('NULL::DOUBLE')}", f"SELECT * {rows.format('5.0::DOUBLE')}")
    assert status_counts(connection, paired) == {"changed": 1}
    (only,) = column_differences(connection, paired)
    assert (only.column, only.rows, only.emptied, only.filled, only.largest) == ("x", 1, 0, 1, None)


def test_differences_of_numbers_are_told_by_size(connection: duckdb.DuckDBPyConnection) -> None:
    paired = _pair(
        connection,
        "SELECT range AS k, range::BIGINT AS x FROM range(5)",
        "SELECT range AS k, 2 * range AS x FROM range(6)",
    )
    assert status_counts(connection, paired) == {"changed": 4, "added": 1}
    (only,) = column_differences(connection, paired)
    assert (only.rows, only.largest, only.median) == (4, 4.0, 2.5)


def test_a_column_of_another_type_is_compared_as_text_or_number(connection: duckdb.DuckDBPyConnection) -> None:
    paired = _pair(
        connection,
        "SELECT 1 AS k, 5 AS n, DATE '2026-03-01' AS d, 7 AS s",
        "SELECT 1 AS k, 5.0::DOUBLE AS n, '2026-03-01' AS d, '8' AS s",
    )
    assert [(each.column, each.rows) for each in column_differences(connection, paired)] == [("s", 1)]


def test_rows_that_repeat_the_grain_are_paired_one_by_one(connection: duckdb.DuckDBPyConnection) -> None:
    paired = _pair(
        connection,
        "FROM (VALUES (1, 'a'), (1, 'b'), (2, 'c')) AS t(k, x)",
        "FROM (VALUES (1, 'a'), (1, 'b'), (1, 'z'), (2, 'c')) AS t(k, x)",
    )
    assert status_counts(connection, paired) == {"added": 1}
    assert paired.shown_key == ("k",)


def test_names_with_quotes_and_patterns_are_names(connection: duckdb.DuckDBPyConnection) -> None:
    paired = _pair(
        connection,
        """SELECT 1 AS "k'""k", 1 AS "^x$", 2 AS "*" """,
        """SELECT 1 AS "k'""k", 2 AS "^x$", 2 AS "*" """,
        ["k'\"k"],
    )
    assert [each.column for each in column_differences(connection, paired)] == ["^x$"]
    CellSteps(connection, paired).begin()


def test_each_cell_has_the_steps_that_changed_it_and_rounding_is_no_step(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    columns = "AS t(k, x, y)"
    paired = _pair(
        connection,
        f"FROM (VALUES (1, 0.1::DOUBLE, 1), (2, 1.0::DOUBLE, 1), (3, 9.0::DOUBLE, 9)) {columns}",
        f"FROM (VALUES (1, 0.3::DOUBLE, 4), (2, 1.0000000000000002::DOUBLE, 1), (4, 9.0::DOUBLE, 9)) {columns}",
    )
    steps = CellSteps(connection, paired)
    states = {
        -1: "(1, 0.1::DOUBLE, 1), (2, 1.0::DOUBLE, 1), (3, 9.0::DOUBLE, 9)",
        0: "(1, 0.2::DOUBLE, 1), (2, 1.0::DOUBLE, 1), (3, 9.0::DOUBLE, 9)",
        1: "(1, 0.3000000000000001::DOUBLE, 4), (2, 1.0::DOUBLE, 1), (4, 9.0::DOUBLE, 9)",
    }
    steps.begin()
    for event, rows in states.items():
        connection.execute(f"CREATE OR REPLACE VIEW t AS FROM (VALUES {rows}) {columns}")
        steps.step(event, None)
    steps.end(-2)
    causes = [LinkedCause(0, 0, None), LinkedCause(1, 1, None), LinkedCause(8, -2, None, named=False)]
    link_by_steps(connection, paired, steps.found, causes)
    link_rest(connection, paired, 8)
    name_rounding(connection, paired, 8, 9)
    found = connection.execute(
        f"SELECT r.k, l.name, list(l.cause ORDER BY l.cause) FROM {links_of(paired)} l"
        f" JOIN {paired.name} r USING (_number) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert found == [(1, "x", [0, 1]), (1, "y", [1]), (2, "x", [9]), (3, "", [1]), (4, "", [1])]
