"""The names by which a SELECT calls columns, so that only those of a wide table need be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.history.trace.select_tree import SelectUnreadableError, Tree, read_tree, walk_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def called_names(connection: DuckDBPyConnection, sql: str) -> set[str] | None:
    """Return every name that a column may be called by, in lower case; None if a star or a NATURAL JOIN calls all."""
    try:
        tree = read_tree(connection, sql)
    except SelectUnreadableError:
        return None
    parts = list(walk_all(tree))
    if any(each.get("class") == "STAR" or each.get("ref_type") in ("NATURAL", "POSITIONAL") for each in parts):
        return None
    if any(each.get("type") in ("PIVOT", "SHOW_REF") or each.get("column_name_alias") for each in parts):
        return None
    return {name.casefold() for each in parts for name in _names(each)}


def _names(part: Tree) -> Iterator[str]:
    # Of ``a.b.c``, each may be a table, a column, or a field of one.
    yield from part.get("column_names") or ()
    yield from part.get("using_columns") or ()
