"""Which subqueries of an expression both servers run as DuckDB does: each refuses others, or gives other rows.

Apache Spark takes ``x IN (SELECT …)`` as false where it is null, Sail keeps rows for ``… OR x NOT IN (SELECT …)`` that
are none; and neither plans a subquery everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from citylake.pipelines.marts.spark.doubles import FLOATS, kind

Refusal = tuple[exp.Expr, str]
_WRITTEN = {*FLOATS, exp.DType.TIME}
"""Types whose columns are written as expressions."""
_BY_ROW = (exp.Sum, exp.Count, exp.Avg, exp.Max, exp.Min, exp.LogicalAnd, exp.LogicalOr)
"""Aggregates that need no list, in which Sail could not read columns from outside."""


def unwritable_subqueries(bound: exp.Expr) -> Iterator[Refusal]:
    """Yield what a SELECT, bound and with its GROUP BY written out, has of other subqueries, and why."""
    for scope in traverse_scope(bound):
        outer = [column for column in scope.external_columns if column.table]
        node, place = _outermost(scope.expression), ""
        if scope.is_derived_table and outer:
            place = "a subquery of FROM that reads its neighbours"
        elif scope.is_subquery:
            place = _fault(scope, node, outer)
        if place:
            yield node, place


def _outermost(query: exp.Expr) -> exp.Expr:
    """The expression that the subquery is: ``EXISTS``, ``IN``, or the subquery in its parentheses."""
    node = query
    while isinstance(node.parent, exp.Subquery | exp.Exists | exp.In):
        node = node.parent
        if isinstance(node, exp.Exists | exp.In):
            break
    return node


def _fault(scope: Scope, node: exp.Expr, outer: Sequence[exp.Column]) -> str:
    select = node.find_ancestor(exp.Select)
    if select is None:
        return "a subquery outside of a SELECT"
    path = list(_path(node, select))
    clause = path[-1].arg_key if path else node.arg_key
    if clause in ("group", "qualify"):
        return f"a subquery in {'GROUP BY' if clause == 'group' else 'QUALIFY'}: name it in a CTE first"
    if outer and any(column.table not in _names(scope.parent) for column in outer):
        return "a subquery in a subquery that reads columns from outside of both; write a join"
    if isinstance(node, exp.In | exp.Exists) and outer and not _is_of_rows(scope.expression):
        return "LIMIT, a set operation or an aggregate in a subquery that reads columns from outside; write a join"
    if isinstance(node, exp.In):
        return _fault_of_in(path, clause, outer)
    if isinstance(node, exp.Exists):
        return "" if _is_plain(path, clause) else "EXISTS in an aggregate, a window or a join"
    return _fault_of_value(scope, path, clause, outer, select) if outer else ""


def _names(scope: Scope | None) -> set[str]:
    """The tables that a SELECT has in its own FROM."""
    return {name for name, _ in scope.references} if scope else set()


def _is_of_rows(query: exp.Expr) -> bool:
    """Whether a query is one SELECT of the rows, or of groups, that it finds."""
    return (
        isinstance(query, exp.Select)
        and not (query.args.get("limit") or query.args.get("offset"))
        and bool(query.args.get("group") or not _aggregates(query))
    )


def _path(node: exp.Expr, select: exp.Select) -> Iterator[exp.Expr]:
    """What is around ``node`` in ``select``, from inside."""
    around = node.parent
    while around is not None and around is not select:
        yield around
        around = around.parent


def _is_plain(path: Sequence[exp.Expr], clause: str | None) -> bool:
    """Whether it is computed for each row: in the list of the SELECT, WHERE or HAVING, and in nothing of many rows."""
    return clause in ("expressions", "where", "having") and not any(
        isinstance(one, exp.AggFunc | exp.Window | exp.Filter) for one in path
    )


def _fault_of_in(path: Sequence[exp.Expr], clause: str | None, outer: Sequence[exp.Column]) -> str:
    """``IN`` may be null, so it has to be a condition of which null and false are the same."""
    around = [one for one in path if not isinstance(one, exp.Paren | exp.Where | exp.Having)]
    conditions = around[1:] if around and isinstance(around[0], exp.Not) else around
    is_not = len(conditions) < len(around)
    allowed = exp.And if is_not else (exp.And, exp.Or)
    if clause not in ("where", "having") or not all(isinstance(one, allowed) for one in conditions):
        return "IN (SELECT …) that is no condition of WHERE or HAVING by itself; write a join or EXISTS"
    return "NOT IN (SELECT …) that reads columns from outside; write NOT EXISTS" if is_not and outer else ""


def _fault_of_value(
    scope: Scope, path: Sequence[exp.Expr], clause: str | None, outer: Sequence[exp.Column], select: exp.Select
) -> str:
    """A value by row: in aggregating SELECTs, Apache Spark has none."""
    inner = scope.expression
    if not _is_plain(path, clause):
        return "a subquery that reads columns from outside, in an aggregate, a window, a join or an order; write a join"
    if clause == "expressions" and _aggregates(select):
        return "a subquery that reads columns from outside, beside aggregates; write a CTE and a join"
    if not isinstance(inner, exp.Select) or inner.args.get("limit") or not _aggregates(inner):
        return "a subquery that reads columns from outside and is no aggregate; write a join"
    if any(not isinstance(one, _BY_ROW) for one in inner.find_all(exp.AggFunc)):
        return "a subquery that reads columns from outside, with other aggregates than sums and extremes; write a join"
    if not all(_is_compared(column, inner) for column in outer):
        return "a subquery that reads columns from outside, other than by column = column in its WHERE; write a join"
    return ""


def _aggregates(select: exp.Select) -> bool:
    """Whether a SELECT makes one row of many."""
    if select.args.get("group"):
        return True
    of_groups = (
        node
        for one in select.selects
        for node in one.walk(prune=lambda inner: isinstance(inner, exp.Window | exp.Query | exp.Exists))
    )
    return any(isinstance(node, exp.AggFunc) for node in of_groups)


def _is_compared(column: exp.Column, inner: exp.Select) -> bool:
    """Whether all rows of ``inner`` meet ``column = other``: of doubles and times, Sail plans no such comparison."""
    path = list(_path(column, inner))
    rest = path[1:-1]
    return (
        len(path) > 1
        and isinstance(path[0], exp.EQ)
        and all(isinstance(side, exp.Column) and kind(side) not in _WRITTEN for side in path[0].iter_expressions())
        and isinstance(path[-1], exp.Where)
        and path[-1].parent is inner
        and all(isinstance(one, exp.And | exp.Paren) for one in rest)
    )
