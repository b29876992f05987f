"""What a published version says of itself: its passport, its tables and their columns, as texts and numbers.

A version that was published by an earlier release has no tables of facts; its comments and its stored meaning are
read then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from citylake.pipelines.lake.lake_zones import POINTER_FILE, Lake
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.read.mart_reader import open_mart, published_pointer

if TYPE_CHECKING:
    import duckdb

Facts = Mapping[str, Any]
_HIDDEN = ("meaning", "fingerprint", "mart", "table_name", "column_name", "position")
"""What is told elsewhere, or is for programs of citylake only."""


@dataclass(frozen=True, slots=True)
class MartFacts:
    """One version: ``passport`` of the mart, facts of each table, and of each (table, column). None is empty.

    ``questions``: what the mart declares that it answers, each with its texts and its ``sql``.
    """

    pointer: Pointer
    passport: Facts
    tables: Mapping[str, Facts]
    columns: Mapping[tuple[str, str], Facts]
    questions: Sequence[Facts] = ()

    def version(self) -> dict[str, Any]:
        """Which version this is, and the days that it lacks."""
        return version_facts(self.pointer)


def version_facts(pointer: Pointer) -> dict[str, Any]:
    """What goes with every answer: version, time of publication, time zone and incomplete days."""
    gaps = [
        {
            "dataset": gap.dataset,
            "department": gap.department,
            "days": [[str(first), str(last)] for first, last in gap.days],
        }
        for gap in pointer.incomplete
    ]
    return {
        "mart": pointer.mart,
        "version": pointer.version,
        "published_at": pointer.published_at,
        "time_zone": pointer.timezone,
        "complete": not gaps,
        "incomplete": gaps,
    }


def published_marts(lake: Lake) -> list[str]:
    """The names of all published marts."""
    folder = lake.path("marts")
    if not lake.fs.exists(folder):
        return []
    names = (path.rstrip("/").rsplit("/", 1)[-1] for path in lake.fs.ls(folder, detail=False))
    return sorted(name for name in names if lake.fs.exists(f"{folder}/{name}/{POINTER_FILE}"))


def read_mart_facts(lake: Lake, mart: str) -> MartFacts:
    """Read the facts of the current version. Raises MART_NOT_PUBLISHED and MART_CLOSED."""
    pointer = published_pointer(lake, mart)
    with open_mart(lake, mart) as opened:
        connection = opened.connection
        meaning = _meaning(connection)
        (passport,) = _rows(connection, "_mart") or [{}]
        tables: dict[str, Facts] = {name: _table(connection, name, pointer, meaning) for name in pointer.rows}
        tables |= _kept(_rows(connection, "_tables"), "table_name", tables)
        columns = dict(_columns(connection, pointer, meaning))
        for row in _rows(connection, "_columns"):
            columns[row["table_name"], row["column_name"]] = _told(row)
        questions = _rows(connection, "_questions")
    return MartFacts(pointer, _told(passport), tables, columns, questions)


def _kept(rows: list[dict[str, Any]], key: str, known: Mapping[str, Facts]) -> dict[str, Facts]:
    return {row[key]: {**known.get(row[key], {}), **_told(row)} for row in rows}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _HIDDEN and value not in (None, [], {})}


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """The rows of a table of facts, or none if the version has no such table."""
    if not connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = ?", [table]
    ).fetchone():
        return []
    found = connection.execute(f"FROM {sql_identifier(table)}")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _meaning(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    (row,) = _rows(connection, "_mart") or [{}]
    return dict(json.loads(row.get("meaning") or "{}"))


def _table(
    connection: duckdb.DuckDBPyConnection, table: str, pointer: Pointer, meaning: Mapping[str, Any]
) -> dict[str, Any]:
    asked = "SELECT comment FROM duckdb_tables() WHERE table_name = ? AND schema_name = 'main'"
    (comment,) = connection.execute(asked, [table]).fetchone() or ("",)
    keys = meaning.get(table, {}).get("keys", [])
    told = {"comment": comment, "grain": keys[0] if keys else None, "row_count": pointer.rows[table]}
    return _told(told)


def _columns(
    connection: duckdb.DuckDBPyConnection, pointer: Pointer, meaning: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, str], Facts]]:
    """The columns by their comments, and by what the version stores for the check of queries."""
    sql = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = 'main'"
    for table, column, kind, comment in connection.execute(f"{sql} ORDER BY table_name, column_index").fetchall():
        if table in pointer.rows:
            stored = meaning.get(table, {}).get("columns", {}).get(column, {})
            told = {"type": kind, "comment": comment, "unit": stored.get("unit"), "measure": stored.get("measure")}
            yield (table, column), _told(told)
