"""Every mart of the repository that can be written for Spark gives the rows of DuckDB on both servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.spark.spark_session import end_session
from citylake.pipelines.marts.unit.given_tables import create_given_tables
from citylake.pipelines.marts.unit.run_mart_tests import find_mart_tests
from citylake.schemas.read.registry import Registry, load_registry
from tests.spark.mart_rows import MartRows, MartSelect, mart_selects
from tests.spark.random_rows import RandomRows, literals_of
from tests.spark.same_rows import differences, duckdb_rows, rows_on_spark, session_of
from tests.thorough import THOROUGH

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROOT = Path(__file__).parents[2]
WORKSPACE, WITHIN = "whitepaper", "demo"
"""The workspace with every mart, and the one that it extends."""
UNWRITTEN = {
    "connected_vehicles.vehicle_region_hour": "st_contains",
    "ridership.taxi_hour": "st_contains",
    "trace_chain.batch_ancestors": "WITH RECURSIVE",
    "trace_chain.batch_links": "WITH RECURSIVE",
}
"""Tables whose SELECT stays on DuckDB → why: Spark has no functions of space, and Sail no recursion."""
SELDOM = {
    "datacentre_energy.site_hour", "division_rollup.division_day", "enterprise_check.permit_overdue_cases",
    "grid_balance.balance_hour", "policy_eligible.condition_result", "policy_eligible.enterprise_fact",
}  # fmt: skip
"""Tables of which a row needs inputs that agree, as random rows seldom do; all but enterprise_fact have given rows."""
SEEDS = [int(text) for text in os.environ.get("CITYLAKE_SPARK_SEEDS", "1").split(",")]
"""More seeds by hand: ``CITYLAKE_SPARK_SEEDS=2,3,4``."""
EVERYTHING = THOROUGH or "CITYLAKE_SPARK_SEEDS" in os.environ
"""Apache Spark takes a second for each SELECT: unless seeds are named, given rows are for what random rows miss."""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(ROOT / "workspaces" / WORKSPACE)


@pytest.fixture(scope="module")
def binder(registry: Registry) -> Iterator[MartBinder]:
    with MartBinder(registry) as found:
        yield found


@pytest.fixture(scope="module")
def every(registry: Registry, binder: MartBinder) -> dict[str, MartSelect]:
    """The SELECT of every table."""
    return {one.name: one for one in mart_selects(registry, binder)}


@pytest.fixture(scope="module")
def written(every: dict[str, MartSelect]) -> list[MartSelect]:
    """Those that can be written for Spark."""
    return [one for one in every.values() if not one.select.refused]


@pytest.fixture(params=["sail", "apache_spark"])
def address(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def _is_asked_everything(request: pytest.FixtureRequest) -> bool:
    return EVERYTHING or request.node.callspec.params["address"] == "sail"


@contextmanager
def _room(registry: Registry, tmp_path: Path) -> Iterator[DuckDBPyConnection]:
    days = workspace_days(registry.workspace)
    zone = registry.workspace.settings.timezone
    with MartEngine(Lake(str(tmp_path)), zone, "256MB", is_workday=days) as engine, engine.room() as connection:
        yield connection


def test_the_other_workspace_has_no_select_of_its_own(registry: Registry, every: dict[str, MartSelect]) -> None:
    within = load_registry(ROOT / "workspaces" / WITHIN)
    assert within.workspace.settings.timezone == registry.workspace.settings.timezone
    with MartBinder(within) as binder:
        assert all(every[one.name] == one for one in mart_selects(within, binder))


def test_only_the_named_tables_stay_on_duckdb(every: dict[str, MartSelect]) -> None:
    found = {name: one.select.refused[0].why for name, one in every.items() if one.select.refused}
    assert found.keys() == UNWRITTEN.keys()
    assert all(why in found[name] for name, why in UNWRITTEN.items()), found


def test_the_given_rows_of_mart_tests_give_the_rows_of_duckdb(
    registry: Registry,
    binder: MartBinder,
    every: dict[str, MartSelect],
    address: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    session = session_of(address, registry.workspace.settings.timezone)
    seen, told = set(), []
    asked = every.keys() if _is_asked_everything(request) else SELDOM
    with _room(registry, tmp_path) as connection:
        for case in find_mart_tests(registry):
            one = every[f"{case.mart}.{case.table}"]
            # One test of each table: random rows have more.
            if (
                one.name in seen
                or one.name not in asked
                or one.select.refused
                or case.test.expect.error
                or case.test.now
            ):
                continue
            mart = registry.marts[case.mart]
            _emptied(connection)
            create_given_tables(connection, binder, mart, plan_mart_tables(mart, registry)[case.table], case.test)
            folder = tmp_path / one.name
            folder.mkdir()
            found = rows_on_spark(session, connection, one.select, one.shapes, folder)
            told += [f"{one.name}: {text}" for text in differences(found, duckdb_rows(connection, one.sql))]
            seen.add(one.name)
    end_session(session)
    assert not told
    assert len(seen) >= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_random_rows_give_the_rows_of_duckdb(
    registry: Registry,
    written: list[MartSelect],
    address: str,
    tmp_path: Path,
    seed: int,
) -> None:
    session = session_of(address, registry.workspace.settings.timezone)
    told: list[str] = []
    empty: list[str] = []
    literals = literals_of(one.sql for one in written)
    odd, plain = (RandomRows(seed, is_odd, literals) for is_odd in (True, False))
    with _room(registry, tmp_path) as connection:
        rows = MartRows(registry, session, connection, tmp_path)
        for one in written:
            found, wanted = rows.both(one, odd, plain)
            told += [f"{one.name}: {text}" for text in differences(found, wanted)]
            empty += [] if wanted else [one.name]
    end_session(session)
    assert not told
    assert {*empty} <= SELDOM, "no rows say nothing"
    assert odd.seen >= {"null", "VARCHAR", "DATE", "NaN", "infinity", "BIGINT", "TIMESTAMPTZ"}


def test_no_rows_at_all_give_the_rows_of_duckdb(
    registry: Registry, written: list[MartSelect], address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    totals = "UNION ALL" if _is_asked_everything(request) else None
    session = session_of(address, registry.workspace.settings.timezone)
    told = []
    with _room(registry, tmp_path) as connection:
        rows = MartRows(registry, session, connection, tmp_path)
        for one in written:
            # Most have no rows then; the endpoint is asked where DuckDB has some, or where there are totals.
            if rows.of_duckdb(one, None) or (totals and totals in one.select.sql):
                told += [f"{one.name}: {text}" for text in differences(*rows.both(one, None, None))]
    end_session(session)
    assert not told


def _emptied(connection: DuckDBPyConnection) -> None:
    """A view of one test must not stand where another puts a table."""
    found = connection.execute(
        "SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    for parts in found:
        connection.execute(f"DROP VIEW {sql_identifier(*parts)}")
