"""Reads the JSON of a bound plan (DuckDB's ``json_serialize_plan`` without the optimizer) into operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from citylake.pipelines.marts.plan.plan_expressions import PlanExpression, read_expression
from citylake.pipelines.marts.plan.plan_operators import (
    ROW_ID,
    Aggregate,
    CommonTable,
    CommonTableScan,
    ConstantRows,
    Distinct,
    Filter,
    FunctionScan,
    Join,
    JoinCondition,
    JoinKind,
    Operator,
    Ordered,
    OuterColumns,
    Projection,
    RecursiveTable,
    SetKind,
    SetOperation,
    TableName,
    TableScan,
    UnnestColumns,
    WindowColumns,
)
from citylake.pipelines.marts.plan.plan_types import type_text

Told = Mapping[str, Any]
_MAIN: Final = "main"
_MART: Final = "mart"
_JOINS: Final[Mapping[str, JoinKind]] = {
    "INNER": "inner",
    "LEFT": "left",
    "RIGHT": "right",
    "FULL": "full",
    "SEMI": "semi",
    "ANTI": "anti",
    "RIGHT_SEMI": "right_semi",
    "RIGHT_ANTI": "right_anti",
    "MARK": "mark",
    "SINGLE": "single",
}
_SETS: Final[Mapping[str, SetKind]] = {
    "LOGICAL_UNION": "union",
    "LOGICAL_EXCEPT": "except",
    "LOGICAL_INTERSECT": "intersect",
}


class PlanUnreadableError(Exception):
    """The plan has an operator that is not known here; its text is DuckDB's name of it."""


def read_operator(told: Told) -> Operator:
    """Return the operators of a plan, from its top down. Raises :class:`PlanUnreadableError`."""
    reader = _READERS.get(told["type"])
    if reader is None:
        raise PlanUnreadableError(told["type"].removeprefix("LOGICAL_"))
    return reader(told)


def _inputs(told: Told) -> tuple[Operator, ...]:
    return tuple(read_operator(each) for each in told["children"])


def _input(told: Told) -> tuple[Operator]:
    return (read_operator(told["children"][0]),)


def _both(told: Told) -> tuple[Operator, Operator]:
    left, right = _inputs(told)
    return left, right


def _all(told: list[Told] | None) -> tuple[PlanExpression, ...]:
    return tuple(read_expression(each) for each in told or ())


def _get(told: Told) -> Operator:
    names = told["names"]
    places = [each["index"] for each in told["column_indexes"]] or [len(names)]
    places = [places[each] for each in told["projection_ids"]] or places
    columns = tuple(names[place] if place < len(names) else ROW_ID for place in places)
    if told["name"] == "seq_scan":
        return TableScan(_table_name(told["function_data"]), columns)
    carried = tuple(f"input {place}" for place in told["projected_input"])
    return FunctionScan(told["name"], (*columns, *carried), _inputs(told))


def _table_name(told: Told) -> TableName:
    if told["catalog"] == _MART:
        return _MART, told["schema"], told["table"]
    return (told["table"],) if told["schema"] == _MAIN else (told["schema"], told["table"])


def _constant_rows(told: Told) -> Operator:
    rows = tuple(_all(row) for row in told["expressions"])
    inputs = [each for each in told["children"] if each["type"] != "LOGICAL_DUMMY_SCAN"]
    if not inputs:
        return ConstantRows(rows, len(told["expr_types"]))
    # VALUES of a lateral join: each of its rows is made once for each row of what is outside.
    made = tuple(Projection((read_operator(inputs[0]),), row) for row in rows)
    return made[0] if len(made) == 1 else SetOperation(made, "union", all=True)


def _no_columns(_: Told) -> Operator:
    # A dummy scan has one column that nothing refers to.
    return ConstantRows((), 1)


def _projection(told: Told) -> Operator:
    return Projection(_input(told), _all(told["expressions"]))


def _filter(told: Told) -> Operator:
    return Filter(_input(told), _all(told["expressions"]), tuple(told.get("projection_map") or ()))


def _aggregate(told: Told) -> Operator:
    sets = tuple(tuple(sorted(each)) for each in told.get("grouping_sets") or ())
    groups = _all(told["groups"])
    plain = sets in ((), (tuple(range(len(groups))),))
    counted = len(told.get("grouping_functions") or ())
    return Aggregate(_input(told), groups, _all(told["expressions"]), () if plain else sets, counted)


def _product(told: Told) -> Operator:
    return Join(_both(told), "inner", positional=told["type"] == "LOGICAL_POSITIONAL_JOIN")


def _join(told: Told) -> Operator:
    conditions = tuple(
        JoinCondition(read_expression(each["left"]), read_expression(each["right"]), each["comparison"].lower())
        for each in told.get("conditions") or ()
    )
    condition = told.get("condition") or told.get("predicate")
    return Join(
        _both(told),
        _join_kind(told["join_type"]),
        conditions,
        read_expression(condition) if condition else None,
        correlated=_all(told.get("duplicate_eliminated_columns")),
        asof=told["type"] == "LOGICAL_ASOF_JOIN",
        left_kept=tuple(told.get("left_projection_map") or ()),
        right_kept=tuple(told.get("right_projection_map") or ()),
    )


def _join_kind(name: str) -> JoinKind:
    if name not in _JOINS:
        raise PlanUnreadableError(f"{name}_JOIN")
    return _JOINS[name]


def _outer(told: Told) -> Operator:
    return OuterColumns(tuple(map(type_text, told["chunk_types"])))


def _set(told: Told) -> Operator:
    return SetOperation(_inputs(told), _SETS[told["type"]], told["setop_all"])


def _window(told: Told) -> Operator:
    return WindowColumns(_input(told), _all(told["expressions"]))


def _unnest(told: Told) -> Operator:
    return UnnestColumns(_input(told), _all(told["expressions"]))


def _order_by(told: Told) -> Operator:
    return Ordered(_input(told), _all([each["expression"] for each in told["orders"]]))


def _limit(told: Told) -> Operator:
    # The number of rows may be an expression: of a subquery, which is then a column of the input.
    numbers = (told.get(name) or {} for name in ("limit_val", "offset_val"))
    return Ordered(_input(told), _all([each["expression"] for each in numbers if each.get("expression")]), limited=True)


def _distinct(told: Told) -> Operator:
    order = [each["expression"] for each in (told.get("order_by") or {}).get("orders", ())]
    keys = _all(told["distinct_targets"]) if told["distinct_type"] == "DISTINCT_ON" else ()
    return Distinct(_input(told), keys, _all(order))


def _common_table(told: Told) -> Operator:
    return CommonTable(_both(told), told["table_index"], told["ctename"])


def _recursive(told: Told) -> Operator:
    return RecursiveTable(_both(told), told["table_index"], told["column_count"])


def _common_scan(told: Told) -> Operator:
    return CommonTableScan(told["cte_index"], tuple(told["bound_columns"]))


_READERS: Final[Mapping[str, Callable[[Told], Operator]]] = {
    "LOGICAL_GET": _get,
    "LOGICAL_EXPRESSION_GET": _constant_rows,
    "LOGICAL_DUMMY_SCAN": _no_columns,
    "LOGICAL_PROJECTION": _projection,
    "LOGICAL_FILTER": _filter,
    "LOGICAL_AGGREGATE_AND_GROUP_BY": _aggregate,
    "LOGICAL_CROSS_PRODUCT": _product,
    "LOGICAL_POSITIONAL_JOIN": _product,
    "LOGICAL_COMPARISON_JOIN": _join,
    "LOGICAL_DELIM_JOIN": _join,
    "LOGICAL_ASOF_JOIN": _join,
    "LOGICAL_ANY_JOIN": _join,
    "LOGICAL_DELIM_GET": _outer,
    "LOGICAL_UNION": _set,
    "LOGICAL_EXCEPT": _set,
    "LOGICAL_INTERSECT": _set,
    "LOGICAL_WINDOW": _window,
    "LOGICAL_UNNEST": _unnest,
    "LOGICAL_ORDER_BY": _order_by,
    "LOGICAL_LIMIT": _limit,
    "LOGICAL_SAMPLE": _limit,
    "LOGICAL_DISTINCT": _distinct,
    "LOGICAL_MATERIALIZED_CTE": _common_table,
    "LOGICAL_RECURSIVE_CTE": _recursive,
    "LOGICAL_CTE_REF": _common_scan,
}
