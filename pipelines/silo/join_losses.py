"""The most frequent keys of a side that meet nothing, where everyone may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.silo.join_path import JoinPath, Side
from citylake.pipelines.silo.path_sql import keys_select, meeting_select
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_VALUES: Final = 5


def lost_keys(connection: DuckDBPyConnection, path: JoinPath, registry: Registry) -> dict[str, list[dict[str, Any]]]:
    """Return by side the keys without a partner that most rows have. A side with a value not open to all has none."""
    sides: tuple[tuple[Side, str], ...] = (("left", "a"), ("right", "b"))
    for side, name in sides:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {keys_select(path, side)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE met AS {meeting_select(path)}")
    try:
        return {
            "left": _lost(connection, path, "a") if _all_shown(path, registry, "left") else [],
            "right": _lost(connection, path, "b") if _all_shown(path, registry, "right") else [],
        }
    finally:
        connection.execute("DROP TABLE IF EXISTS a; DROP TABLE IF EXISTS b; DROP TABLE IF EXISTS met")


def _lost(connection: DuckDBPyConnection, path: JoinPath, name: str) -> list[dict[str, Any]]:
    keys = [f"k{at}" for at in range(len(path.pairs))]
    found = connection.execute(
        f"SELECT {', '.join(keys)}, n FROM {name} WHERE rowid NOT IN (SELECT {name}_id FROM met)"
        f" ORDER BY n DESC, {', '.join(keys)} LIMIT {MOST_VALUES}"
    ).fetchall()
    return [{"key": [str(value) for value in row[:-1]], "rows": int(row[-1])} for row in found]


def _all_shown(path: JoinPath, registry: Registry, side: Side) -> bool:
    columns = [pair.left if side == "left" else pair.right for pair in path.pairs]
    known = [registry.elements.get(each.element) for each in columns]
    return all(element.sensitivity.shown for element in known if element)
