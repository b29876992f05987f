"""What a query of a mart means: warnings, as of a sum of an index, and the units of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.meaning.findings import Findings
from citylake.pipelines.marts.meaning.meaning_walk import MeaningWalk
from citylake.pipelines.marts.meaning.select_findings import find_faults
from citylake.pipelines.marts.meaning.stored_meaning import read_meaning
from citylake.pipelines.marts.plan.bound_select import BindError, BoundSelect, bind_select
from citylake.pipelines.read.mart_reader import open_mart
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, render_issue

_INFO_TABLE = "_mart"


@dataclass(frozen=True, slots=True)
class QueryMeaning:
    """``warnings``: one line for each finding. ``units``: of the result's columns of which one is known."""

    warnings: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)


def meaning_warnings(lake: Lake, mart: str, sql: str) -> list[str]:
    """Return one line for each finding in ``sql`` over the published version of ``mart``; none if it cannot be read."""
    return query_meaning(lake, mart, sql).warnings


def query_meaning(lake: Lake, mart: str, sql: str) -> QueryMeaning:
    """What ``sql`` over the published version of ``mart`` means; nothing if it cannot be read."""
    try:
        with open_mart(lake, mart) as connection:
            return _meaning(connection.connection, sql)
    except (CitylakeError, duckdb.Error, OSError):
        return QueryMeaning()


def _meaning(connection: duckdb.DuckDBPyConnection, sql: str) -> QueryMeaning:
    if "meaning" not in connection.table(_INFO_TABLE).columns:
        return QueryMeaning()
    (text,) = connection.execute(f"SELECT meaning FROM {_INFO_TABLE}").fetchone() or ("{}",)
    try:
        bound = bind_select(connection, sql.rstrip().rstrip(";"))
    except BindError:
        return QueryMeaning()
    return QueryMeaning(list(_warnings(bound, text)), dict(_units(bound, text)))


def _warnings(bound: BoundSelect, text: str) -> Iterator[str]:
    language = current_language()
    for fault in find_faults(bound, read_meaning(text), {}):
        yield f"{fault.code}: {render_issue(fault.code, dict(fault.values), language)}"


def _units(bound: BoundSelect, text: str) -> Iterator[tuple[str, str]]:
    rows = MeaningWalk(read_meaning(text), Findings(bound.sql)).visit(bound.plan)
    for name, fact in zip(bound.columns, rows.columns, strict=False):
        if fact.unit:
            yield name, fact.unit.text
