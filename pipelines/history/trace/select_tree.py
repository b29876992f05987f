"""DuckDB's own syntax tree of a SELECT: read from SQL, changed as JSON, and written as SQL again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import duckdb

from citylake.pipelines.marts.make.mart_engine import sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Tree = dict[str, Any]


class SelectUnreadableError(Exception):
    """DuckDB does not give the tree of a SELECT, or a part of it is not understood."""


def read_tree(connection: DuckDBPyConnection, sql: str) -> Tree:
    """The node of one SELECT. Raises :class:`SelectUnreadableError`."""
    told = _asked(connection, f"SELECT json_serialize_sql({sql_literal(sql)})")
    if told.get("error") or len(told["statements"]) != 1:
        raise SelectUnreadableError(told.get("error_message", "several statements"))
    node: Tree = told["statements"][0]["node"]
    return node


def write_tree(connection: DuckDBPyConnection, node: Tree) -> str:
    """The SQL of a node. Raises :class:`SelectUnreadableError`."""
    told = json.dumps({"error": False, "statements": [{"node": node, "named_param_map": []}]})
    try:
        found = connection.execute(f"SELECT json_deserialize_sql({sql_literal(told)})").fetchone()
    except duckdb.Error as error:
        raise SelectUnreadableError(str(error)) from error
    assert found is not None
    return str(found[0])


def _asked(connection: DuckDBPyConnection, sql: str) -> Tree:
    try:
        found = connection.execute(sql).fetchone()
    except duckdb.Error as error:
        raise SelectUnreadableError(str(error)) from error
    assert found is not None
    told: Tree = json.loads(found[0])
    return told


def call(name: str, *children: Tree) -> Tree:
    """A call of a function."""
    return {
        "class": "FUNCTION",
        "type": "FUNCTION",
        "alias": "",
        "function_name": name,
        "schema": "",
        "catalog": "",
        "children": list(children),
        "filter": None,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []},
        "distinct": False,
        "is_operator": False,
        "export_state": False,
    }


def column(*names: str) -> Tree:
    """A reference to a column, with what stands before its name."""
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": list(names)}


def any_of(conditions: list[Tree]) -> Tree:
    """The conditions joined by OR; one alone as it is."""
    if len(conditions) == 1:
        return conditions[0]
    return {"class": "CONJUNCTION", "type": "CONJUNCTION_OR", "alias": "", "children": conditions}


UNBOUNDED: Final = {"start": "UNBOUNDED_PRECEDING", "end": "UNBOUNDED_FOLLOWING", "start_expr": None, "end_expr": None}


def walk_expression(found: Any) -> Iterator[Tree]:
    """Yield the expressions below ``found``, itself included, from the top down; not those inside of subqueries."""
    if isinstance(found, list):
        for each in found:
            yield from walk_expression(each)
    elif isinstance(found, dict):
        if "class" in found:
            yield found
        for name, each in found.items():
            if isinstance(each, dict | list) and not (found.get("class") == "SUBQUERY" and name == "subquery"):
                yield from walk_expression(each)


def walk_all(found: Any) -> Iterator[Tree]:
    """Yield every part of a tree, those inside of subqueries included."""
    if isinstance(found, list):
        for each in found:
            yield from walk_all(each)
    elif isinstance(found, dict):
        yield found
        for each in found.values():
            yield from walk_all(each)
