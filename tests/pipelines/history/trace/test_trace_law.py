"""The law of a trace: the SELECT makes the same row of the rows that were found, and of nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.history.trace import RowTrace, trace_row
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from tests.pipelines.history.trace.random_lakes import DAYS, TracedLake, deliveries, mart_of, selects


def published_rows(lake: TracedLake, mart: str) -> list[dict[str, Any]]:
    """The rows of a mart's current version."""
    from citylake.pipelines.read.mart_reader import open_mart

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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_the_select_makes_the_row_of_the_found_rows_alone(data: st.DataObject) -> None:
    """After any history of deliveries and builds, whatever the SELECT does."""
    chosen = {f"m{number}": data.draw(selects()) for number in range(3)}
    with tempfile.TemporaryDirectory() as folder:
        lake = TracedLake(Path(folder), chosen, {"m2": mart_of("m2", by_day=False)})
        lake.deliver("places", [("A", "east"), ("B", "west"), ("C", "west")])
        for _number, days in enumerate(
            (range(DAYS), *data.draw(st.lists(st.sets(st.integers(0, DAYS - 1)), max_size=2)))
        ):
            reads, gone, at = data.draw(deliveries(sorted(days)))
            lake.deliver("reads", reads, at)
            lake.deliver("gone", gone, at)
            lake.publish()
        for mart, select in chosen.items():
            rows = published_rows(lake, mart)
            if not rows:
                continue
            row = data.draw(st.sampled_from(rows))
            trace = trace_row(lake.lake, lake.registry, mart, "t", {name: row[name] for name in ("code", "day")})
            assert trace.verified, (select, trace)
            (made,) = made_alone(lake, trace, select)
            assert all(same(made[name], row[name]) for name in row), (select, made, row)
            column = data.draw(st.sampled_from(["m1", "m2"]))
            one = trace_row(lake.lake, lake.registry, mart, "t", [str(row["code"]), str(row["day"]), column])
            assert one.verified, (select, column, one)
            assert sum(each.count for each in one.inputs) <= sum(each.count for each in trace.inputs)
