"""The columns of a mart's current file: types, and what its comments say they mean."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import open_mart

_SQL = """
SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
WHERE NOT internal AND schema_name = 'main' AND NOT starts_with(table_name, '_') AND database_name = current_database()
ORDER BY table_name, column_index
"""


def mart_columns(lake: Lake, mart: str) -> dict[str, list[dict[str, Any]]]:
    """Return table → its columns (``name``, ``type``, ``comment``) in the file's order; not of tables as ``_mart``.

    Raises MART_NOT_PUBLISHED and MART_CLOSED.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    with open_mart(lake, mart) as connection:
        for table, name, kind, comment in connection.execute(_SQL).fetchall():
            found.setdefault(table, []).append({"name": name, "type": kind, "comment": comment})
    return found
