"""A SELECT that makes one of its columns alone: without other terms, and without left joins that only these read."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from citylake.pipelines.history.trace.select_tree import SelectUnreadableError, Tree, walk_all, write_tree

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def pruned_select(connection: DuckDBPyConnection, tree: Tree, kept: Collection[str]) -> Tree | None:
    """Return the tree with the columns ``kept`` only, without the left joins that they do not need.

    None if it cannot be made by leaving terms out: a union, DISTINCT, a star, or a GROUP BY that names places. The
    tables of ``connection`` decide whether a SELECT without a join is still one.
    """
    if tree["type"] != "SELECT_NODE" or any(each["type"] != "ORDER_MODIFIER" for each in tree["modifiers"]):
        return None
    places = any(each["class"] == "CONSTANT" for each in tree["group_expressions"])
    if places or tree["aggregate_handling"] != "STANDARD_HANDLING":
        return None
    made = copy.deepcopy(tree)
    made["modifiers"] = []
    names = [_name(each) for each in made["select_list"]]
    if None in names or not set(kept) <= set(names):
        return None
    needed = _with_aliases(made, names, set(kept))
    made["select_list"] = [each for each, name in zip(made["select_list"], names, strict=True) if name in needed]
    if not _binds(connection, made):
        return None
    return _without_joins(connection, made)


def _name(term: Tree) -> str | None:
    """What a term of the SELECT list is called; None if that is not written."""
    if term["alias"]:
        return str(term["alias"])
    return str(term["column_names"][-1]) if term["class"] == "COLUMN_REF" else None


def _with_aliases(tree: Tree, names: list[str | None], kept: set[str]) -> set[str]:
    """``kept`` and the terms that these, or conditions, call by their names."""
    terms = dict(zip(names, tree["select_list"], strict=True))
    rest = [tree[part] for part in ("where_clause", "group_expressions", "having", "qualify")]
    found, waiting = set[str](), [*kept, *(name for name in _called(rest) if name in terms)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in _called(terms[name]) if other in terms]
    return found


def _called(found: Any) -> Iterator[str]:
    for each in walk_all(found):
        if each.get("class") == "COLUMN_REF" and len(each["column_names"]) == 1:
            yield each["column_names"][0]


def _without_joins(connection: DuckDBPyConnection, tree: Tree) -> Tree:
    """Leave out the right sides of left joins that nothing refers to, the last ones first."""
    left = True
    while left:
        left = False
        for path in _left_joins(tree["from_table"], ()):
            without = copy.deepcopy(tree)
            _take_out(without, path)
            if _binds(connection, without):
                tree, left = without, True
                break
    return tree


def _left_joins(table: Tree, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if table["type"] == "JOIN":
        if table["join_type"] == "LEFT" and table["ref_type"] == "REGULAR":
            yield path
        for side in ("left", "right"):
            yield from _left_joins(table[side], (*path, side))


def _take_out(tree: Tree, path: tuple[str, ...]) -> None:
    """Put the left side of the join at ``path`` in its place."""
    above, name = tree, "from_table"
    for side in path:
        above, name = above[name], side
    above[name] = above[name]["left"]


def _binds(connection: DuckDBPyConnection, tree: Tree) -> bool:
    try:
        connection.execute(f"DESCRIBE {write_tree(connection, tree)}")
    except (duckdb.Error, SelectUnreadableError):
        return False
    return True
