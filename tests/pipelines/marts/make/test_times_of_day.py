"""A time of day is a TIME in the SQL of a mart, as lint binds it, although Delta holds its text."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.delta_views import create_delta_view

SHAPE = {"site": "VARCHAR", "opens_at": "TIME", "shuts_at": "TIME"}


@pytest.mark.parametrize("written", [True, False], ids=["with rows", "without a table"])
def test_a_time_of_day_is_compared_as_a_time(tmp_path: Path, written: bool) -> None:
    root = tmp_path / "table"
    if written:
        pl.DataFrame({"site": ["A", "B"], "opens_at": ["07:30:00", None]}).write_delta(root)
    with duckdb.connect() as connection:
        create_delta_view(connection, Lake(str(tmp_path)), ("sites",), str(root), SHAPE, None, None)
        found = connection.execute(
            "SELECT site, opens_at, shuts_at FROM sites WHERE opens_at < TIME '08:00'"
        ).fetchall()
        types = dict(row[:2] for row in connection.execute("DESCRIBE sites").fetchall())
    assert found == ([("A", time(7, 30), None)] if written else [])
    assert types == SHAPE
