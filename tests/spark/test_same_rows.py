"""Every mart of the repository that can be written for Spark gives the rows of DuckDB on both servers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.plan.mart_inputs import mart_inputs
from citylake.pipelines.marts.spark.transpile_select import SparkSelect
from citylake.pipelines.marts.unit.given_tables import create_given_tables
from citylake.pipelines.marts.unit.run_mart_tests import find_mart_tests
from citylake.schemas.read.registry import Registry, load_registry
from tests.spark.same_rows import Shapes, differences, rows_on_spark, session_of, transpiled

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROOT = Path(__file__).parents[2]
WORKSPACES = ("demo", "whitepaper")
ROWS = 60
DAY = date(2026, 2, 27)
UNWRITTEN = {
    "campus_safety.school_day", "connected_vehicles.vehicle_region_hour", "device_messages.messages",
    "eco_quality.noise_point_day", "eco_quality.region_day", "eco_quality.region_ground", "event_pulse.pulse_hour",
    "facility_condition.component_condition", "facility_condition.zone_night", "grid_cases.staff_workload",
    "grid_cases.unit_total", "health_watch.nowcast", "health_watch.nowcast_check", "policy_eligible.eligibility",
    "ridership.taxi_hour", "trace_chain.batch_ancestors", "trace_chain.batch_links", "transit_service.call",
}  # fmt: skip
"""Tables whose SELECT stays on DuckDB: space, recursion, times of day, functions that Spark does not have."""

AMBIGUOUS = {"crop_trace.storage_excursions", "division_rollup.division_change", "waterlogging_watch.flood_event"}
"""Tables whose rows depend on the order of equal times, which random rows have and real keys do not."""
NOTHING_ON_SPARK = {"division_rollup.division_today", "health_watch.report_delay"}
"""The total of no rows at all, by an empty grouping set, is a row of DuckDB and Sail, and none of Apache Spark."""
NAN_ON_SAIL = {"waterlogging_watch.hour_score"}
"""``least(1, x)`` of NaN, from zero by zero, is 1 for DuckDB and Spark, and NaN for Sail."""


@pytest.fixture(scope="module", params=WORKSPACES)
def registry(request: pytest.FixtureRequest) -> Registry:
    return load_registry(ROOT / "workspaces" / request.param)


@pytest.fixture(params=["sail", "apache_spark"])
def address(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@contextmanager
def _room(registry: Registry, tmp_path: Path) -> Iterator[DuckDBPyConnection]:
    days = workspace_days(registry.workspace)
    zone = registry.workspace.settings.timezone
    with MartEngine(Lake(str(tmp_path)), zone, "256MB", is_workday=days) as engine, engine.room() as connection:
        yield connection


def _selects(registry: Registry, binder: MartBinder) -> Iterator[tuple[str, str, SparkSelect, Shapes]]:
    for mart in registry.marts.values():
        for name, plan in plan_mart_tables(mart, registry).items():
            shapes = {parts: dict(shape) for _, parts, shape in mart_inputs(binder, mart, plan)}
            yield f"{mart.mart}.{name}", plan.sql, transpiled(plan, shapes, registry.workspace), shapes


def test_only_the_named_tables_stay_on_duckdb() -> None:
    found = set()
    for workspace in WORKSPACES:
        registry = load_registry(ROOT / "workspaces" / workspace)
        with MartBinder(registry) as binder:
            found |= {name for name, _, select, _ in _selects(registry, binder) if select.refused}
    assert found == UNWRITTEN


def test_the_given_rows_of_every_mart_test_give_the_rows_of_duckdb(
    registry: Registry, address: str, tmp_path: Path
) -> None:
    session = session_of(address, registry.workspace.settings.timezone)
    seen, told = 0, []
    with MartBinder(registry) as binder, _room(registry, tmp_path) as connection:
        every = {name: (sql, select, shapes) for name, sql, select, shapes in _selects(registry, binder)}
        for number, case in enumerate(find_mart_tests(registry)):
            sql, select, shapes = every[f"{case.mart}.{case.table}"]
            if select.refused or case.test.expect.error or case.test.now:
                continue
            mart = registry.marts[case.mart]
            _emptied(connection)
            create_given_tables(connection, binder, mart, plan_mart_tables(mart, registry)[case.table], case.test)
            folder = tmp_path / str(number)
            folder.mkdir()
            wanted = _wanted(connection, sql)
            found = rows_on_spark(session, connection, select, shapes, folder)
            told += [f"{case.mart}.{case.table}: {one}" for one in differences(found, wanted)]
            seen += 1
    session.stop()
    assert not told
    assert seen >= 5


@pytest.mark.parametrize("seed", [1])
def test_random_rows_give_the_rows_of_duckdb(
    registry: Registry, address: str, tmp_path: Path, seed: int, request: pytest.FixtureRequest
) -> None:
    left_out = AMBIGUOUS | (NAN_ON_SAIL if "sail" in request.node.callspec.id else NOTHING_ON_SPARK)
    session = session_of(address, registry.workspace.settings.timezone)
    chance, told, filled = random.Random(seed), [], 0
    with MartBinder(registry) as binder, _room(registry, tmp_path) as connection:
        for name, sql, select, shapes in _selects(registry, binder):
            if select.refused or name in left_out:
                continue
            _emptied(connection)
            for parts, shape in shapes.items():
                create_typed_table(connection, parts, shape)
                rows = pa.Table.from_pylist(
                    [{c: _value(chance, c, kind) for c, kind in shape.items()} for _ in range(ROWS)]
                )
                connection.register("random_rows", rows)
                columns = ", ".join(f"CAST({sql_identifier(c)} AS {kind})" for c, kind in shape.items())
                connection.execute(f"INSERT INTO {sql_identifier(*parts)} SELECT {columns} FROM random_rows")
                connection.unregister("random_rows")
            (tmp_path / name).mkdir()
            wanted = _wanted(connection, sql)
            found = rows_on_spark(session, connection, select, shapes, tmp_path / name)
            filled += bool(wanted)
            told += [f"{name}: {one}" for one in differences(found, wanted)]
    session.stop()
    assert not told
    assert filled >= 2


def _wanted(connection: DuckDBPyConnection, sql: str) -> list[Mapping[str, Any]]:
    rows = connection.execute(sql).to_arrow_table().to_pylist()
    return [{name.lower(): value for name, value in row.items()} for row in rows]


def _emptied(connection: DuckDBPyConnection) -> None:
    """A view of one test must not stand where another puts a table."""
    found = connection.execute(
        "SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    for parts in found:
        connection.execute(f"DROP VIEW {sql_identifier(*parts)}")


def _value(chance: random.Random, column: str, kind: str) -> Any:
    """A value of few, so that joins and groups meet."""
    if chance.random() < 0.08:
        return None
    if "year" in column:
        return "2026" if kind == "VARCHAR" else 2026
    if kind == "VARCHAR":
        return chance.choice(["1", "2", "3", "990101", "990102"])
    if kind == "BOOLEAN":
        return chance.random() < 0.5
    if kind == "DATE":
        return DAY + timedelta(chance.randrange(4))
    if kind.startswith("TIMESTAMP"):
        at = datetime(2026, 2, 27, tzinfo=UTC) + timedelta(seconds=chance.randrange(4 * 86_400))
        return at.replace(minute=0, second=0) if column == "hour_start" else at
    if kind == "TIME":
        return f"{chance.randrange(24):02}:00:00"
    if kind == "BLOB":
        return b"x"
    return chance.choice([0, 1, 2, 5, 10, 35.5, 50.25, 115]) if kind == "DOUBLE" else chance.randrange(6)
