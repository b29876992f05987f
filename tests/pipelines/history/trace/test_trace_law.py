"""The law of a trace: the SELECT makes the same row of the rows that were found, and of nothing else."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.history.trace import RowTrace, trace_row
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.read.mart_reader import open_mart
from tests.pipelines.history.trace.random_lakes import (
    DAYS,
    FILTERS,
    FIRST,
    JOINS,
    MEASURES,
    SOURCES,
    WRAPS,
    TracedLake,
    deliveries,
    mart_of,
    reading,
    selects,
)
from tests.thorough import examples


def published_rows(lake: TracedLake, mart: str) -> list[dict[str, Any]]:
    """The rows of a mart's current version."""
    with open_mart(lake.lake, mart) as opened:
        found: list[dict[str, Any]] = opened.connection.execute("FROM t ORDER BY ALL").to_arrow_table().to_pylist()
    return found


def made_alone(lake: TracedLake, trace: RowTrace, select: str) -> list[dict[str, Any]]:
    """What the SELECT makes of the found rows in an engine of its own, of the row's key."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'; CREATE SCHEMA r")
        shapes = {each.name: each.rows for level in trace.levels for each in level.inputs}
        for name, rows in shapes.items():
            connection.register("found_rows", rows.to_arrow())
            connection.execute(f"CREATE TABLE {sql_identifier(*name.split('.'))} AS FROM found_rows")
        connection.execute("CREATE TABLE IF NOT EXISTS r.extra (code VARCHAR, x_1 DOUBLE)")
        key = " AND ".join(f"{name}::VARCHAR = '{value}'" for name, value in trace.key.items())
        found: list[dict[str, Any]] = connection.execute(f"FROM ({select}) WHERE {key}").to_arrow_table().to_pylist()
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; floats may differ by the order in which they were added up."""
    return one == pytest.approx(other) if isinstance(one, float) and isinstance(other, float) else one == other


@settings(max_examples=examples(4, 8), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_select_makes_the_row_of_the_found_rows_alone(data: st.DataObject) -> None:
    """After any history of deliveries and builds, whatever the SELECT does."""
    chosen = {f"m{number}": data.draw(selects()) for number in range(3)}
    later = data.draw(st.lists(st.sets(st.integers(0, DAYS - 1), min_size=1), max_size=2))
    with tempfile.TemporaryDirectory() as folder:
        lake = TracedLake(Path(folder), chosen, {"m2": mart_of("m2", by_day=False)})
        lake.deliver("places", [("A", "east"), ("B", "west"), ("C", "west")])
        lake.deliver("reads", [reading("A", FIRST, 1, 1.0)], [FIRST])
        lake.deliver("gone", [("B", FIRST)], [FIRST])
        for days in (range(DAYS), *later):
            reads, gone, at = data.draw(deliveries(sorted(days)))
            lake.deliver("reads", reads, at)
            lake.deliver("gone", gone, at)
            lake.publish()
        for mart, select in chosen.items():
            if rows := published_rows(lake, mart):
                row = data.draw(st.sampled_from(rows))
                check_law(lake, mart, select, row, data.draw(st.sampled_from(["m1", "m2"])))


def check_law(lake: TracedLake, mart: str, select: str, row: dict[str, Any], column: str) -> RowTrace:
    """The found rows alone make the row; those of one column are not more, and make its value."""
    trace = trace_row(lake.lake, lake.registry, mart, "t", {name: row[name] for name in ("code", "day")})
    assert trace.verified, (select, trace)
    (made,) = made_alone(lake, trace, select)
    assert all(same(made[name], row[name]) for name in row), (select, made, row)
    one = trace_row(lake.lake, lake.registry, mart, "t", [str(row["code"]), str(row["day"]), column])
    assert one.verified, (select, column, one)
    assert sum(each.count for each in one.inputs) <= sum(each.count for each in trace.inputs)
    return trace


def plain(source: str = SOURCES[0], join: str = "", condition: str = "", measure: str = "count(*)") -> str:
    """A SELECT with one thing that is not plain."""
    where = f" WHERE {condition}" if condition else ""
    select = f"SELECT s.code, s._day AS day, {measure} AS m1, max(s.n_1) AS m2 FROM {source} AS s {join}"
    return f"{select}{where} GROUP BY s.code, s._day"


KINDS = (
    *(plain(source) for source in SOURCES),
    *(plain(join=join) for join in JOINS[1:]),
    *(plain(condition=condition) for condition in FILTERS[1:]),
    *(plain(measure=measure) for measure in MEASURES[8:]),
    *(wrap.format(select=plain()) for wrap in WRAPS[1:]),
    "SELECT DISTINCT ON (code) code, _day AS day, x_1 AS m1, n_1 AS m2 FROM r.reads ORDER BY code, n_1 DESC",
    "WITH RECURSIVE t AS (SELECT code, n_1, _day, 1 AS d FROM r.reads WHERE n_1 = 1 UNION ALL SELECT r.code, r.n_1, "
    "r._day, d + 1 FROM t JOIN r.reads AS r ON r.n_1 = t.n_1 + 1) SELECT code, _day AS day, max(d) AS m1, 1 AS m2 "
    "FROM t GROUP BY ALL",
)


def test_of_every_kind_of_select_exactly_the_rows_are_found_that_it_took(tmp_path: Path) -> None:
    """None of them needs a larger set."""
    lake = TracedLake(tmp_path, {f"m{number}": select for number, select in enumerate(KINDS)})
    lake.deliver("places", [("A", "east"), ("B", "west")])
    rows = [reading(code, FIRST, number, number / 2) for number, code in enumerate("AABBABC", 1)]
    lake.deliver("reads", [*rows, reading("A", FIRST + timedelta(1), 9, None)], [FIRST, FIRST + timedelta(1)])
    lake.deliver("gone", [("C", FIRST)], [FIRST])
    assert {done.status for done in lake.publish()} == {"published"}
    for mart, select in lake.selects.items():
        row = published_rows(lake, mart)[0]
        trace = check_law(lake, mart, select, row, "m1")
        assert trace.levels[0].scope == "exact", (select, trace)


def test_a_set_that_is_larger_than_needed_says_so(tmp_path: Path) -> None:
    """What a NATURAL JOIN joins by would change with a column more; every row of the days is then taken."""
    select = "SELECT code, _day AS day, sum(x_1) AS m1, 1 AS m2 FROM r.reads NATURAL JOIN (SELECT code FROM r.places)"
    lake = TracedLake(tmp_path, {"m": f"{select} GROUP BY ALL"})
    lake.deliver("places", [("A", "east"), ("B", "west")])
    lake.deliver("reads", [reading("A", FIRST, 1, 1.0), reading("B", FIRST, 2, 2.0)], [FIRST])
    lake.publish()
    (level,) = trace_row(lake.lake, lake.registry, "m", "t", ["A", str(FIRST)]).levels
    assert (level.scope, level.verified) == ("all", True)
    assert [(each.count, each.complete) for each in level.inputs] == [(2, True), (2, True)]


def test_a_value_that_no_run_makes_twice_is_not_verified(tmp_path: Path) -> None:
    select = "SELECT code, _day AS day, max(random()) AS m1, count(*) AS m2 FROM r.reads GROUP BY ALL"
    lake = TracedLake(tmp_path, {"m": select})
    lake.deliver("reads", [reading("A", FIRST, 1, 1.0)], [FIRST])
    lake.publish()
    whole = trace_row(lake.lake, lake.registry, "m", "t", ["A", str(FIRST)])
    counted = trace_row(lake.lake, lake.registry, "m", "t", ["A", str(FIRST), "m2"])
    assert (whole.verified, whole.levels[0].differing, counted.verified) == (False, ("m1",), True)
