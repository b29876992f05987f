"""DuckDB's extension for functions of space, which takes a second to load, is loaded for the marts that call them."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace

MART = """
mart: places
title: {zh: 地点, en: places}
audience: {zh: 分析人员, en: analysts}
tables:
  places:
    title: {zh: 地点, en: places}
    grain: [near]
    columns: {near: {text: {zh: 近, en: near}}}
"""
SPATIAL = "SELECT st_x(st_point(1, 2)) AS near"


def _is_loaded(connection: DuckDBPyConnection) -> bool:
    found = connection.execute("FROM duckdb_functions() WHERE lower(function_name) = 'st_point'").fetchall()
    return bool(found)


def test_only_a_mart_that_calls_functions_of_space_waits_for_them(tmp_path: Path) -> None:
    root = write_small_workspace(tmp_path)
    (root / "marts/places").mkdir()
    (root / "marts/places/mart.yaml").write_text(MART, encoding="utf-8")
    (root / "marts/places/places.sql").write_text(SPATIAL, encoding="utf-8")
    with MartBinder(load_registry(root)) as binder:
        assert not binder.bind_mart("air").faults
        with binder.room("SELECT 1") as plain:
            assert not _is_loaded(plain)
            # The room that is open stays as it is, whatever is bound meanwhile.
            assert not binder.bind_mart("places").faults
            assert plain.execute("SELECT 41 + 1").fetchall() == [(42,)]
        with binder.room() as connection:
            assert _is_loaded(connection)
