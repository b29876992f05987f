"""The role of a column in an expression of a SELECT, by the nodes between the two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.schemas.sql.transformation_types import DIRECT_TYPES, TransformationType, chain_transformations

if TYPE_CHECKING:
    from sqlglot import exp


def value_transformation(column: exp.Column, item: exp.Expr) -> TransformationType:
    """How the value of ``item``, an expression of the SELECT list, depends on ``column``."""
    found: TransformationType = "IDENTITY"
    for step in _steps(column, item):
        # A value does not come from a condition, whatever is done with its result.
        if found not in DIRECT_TYPES:
            break
        found = chain_transformations(found, step)
    return found


def filter_transformation(column: exp.Column, query: exp.Expr) -> TransformationType:
    """How ``column``, outside the SELECT list, determines the rows; a function in FROM is a join."""
    return next((step for step in _steps(column, query) if step not in DIRECT_TYPES), "JOIN")


def group_by_all_columns(query: exp.Expr) -> Iterator[exp.Column]:
    """The columns that ``GROUP BY ALL`` means: those of every expression that aggregates nothing."""
    from sqlglot import exp

    group = query.args.get("group")
    if isinstance(query, exp.Select) and group is not None and group.args.get("all"):
        for item in query.selects:
            if not item.find(exp.AggFunc):
                yield from item.find_all(exp.Column)


def _steps(column: exp.Expr, top: exp.Expr) -> Iterator[TransformationType]:
    node = column
    while node is not top and node.parent is not None:
        yield _step(node.parent, node.arg_key or "")
        node = node.parent


def _step(parent: exp.Expr, key: str) -> TransformationType:
    from sqlglot import exp

    if key in ("partition_by", "order", "spec") and isinstance(parent, exp.Window):
        return "WINDOW"
    if key == "this" and isinstance(parent, exp.If | exp.Case):
        return "CONDITIONAL"
    clauses: dict[type[exp.Expr], TransformationType] = {
        exp.Where: "FILTER",
        exp.Having: "FILTER",
        exp.Qualify: "FILTER",
        exp.Join: "JOIN",
        exp.Group: "GROUP_BY",
        exp.AggFunc: "AGGREGATION",
    }
    passing = (exp.Alias, exp.Paren, exp.Subquery, exp.Query, exp.Window, exp.Filter, exp.Order)
    # In `list(x ORDER BY y)`, x is below the Order node; the order in a window belongs to the window.
    if isinstance(parent, exp.Order) and key != "this":
        return "WINDOW" if isinstance(parent.parent, exp.Window) else "SORT"
    found = next((how for clause, how in clauses.items() if isinstance(parent, clause)), None)
    return found or ("IDENTITY" if isinstance(parent, passing) else "TRANSFORMATION")
