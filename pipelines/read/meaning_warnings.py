"""Warnings about what a query of a mart means: a sum of an index, a mean without weights, two units in one column."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.meaning.select_findings import find_faults
from citylake.pipelines.marts.meaning.stored_meaning import read_meaning
from citylake.pipelines.marts.plan.bound_select import BindError, bind_select
from citylake.pipelines.read.mart_reader import open_mart
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, render_issue

_INFO_TABLE = "_mart"


def meaning_warnings(lake: Lake, mart: str, sql: str) -> list[str]:
    """Return one line for each finding in ``sql`` over the published version of ``mart``; none if it cannot be read."""
    try:
        with open_mart(lake, mart) as connection:
            return list(_warnings(connection.connection, sql))
    except (CitylakeError, duckdb.Error, OSError):
        return []


def _warnings(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    if "meaning" not in connection.table(_INFO_TABLE).columns:
        return
    (text,) = connection.execute(f"SELECT meaning FROM {_INFO_TABLE}").fetchone() or ("{}",)
    try:
        bound = bind_select(connection, sql.rstrip().rstrip(";"))
    except BindError:
        return
    language = current_language()
    for fault in find_faults(bound, read_meaning(text), {}):
        yield f"{fault.code}: {render_issue(fault.code, dict(fault.values), language)}"
