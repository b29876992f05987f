"""One expression of a bound plan, and its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from citylake.pipelines.marts.plan.plan_types import constant_value, type_text

ExpressionKind = Literal[
    "column", "constant", "cast", "function", "aggregate", "window", "case", "comparison", "conjunction",
    "operator", "between", "unnest", "unknown",
]  # fmt: skip
_NOWHERE: Final = 1 << 63
_KINDS: Final[Mapping[str, ExpressionKind]] = {
    "BOUND_REF": "column",
    "BOUND_CONSTANT": "constant",
    "BOUND_CAST": "cast",
    "BOUND_FUNCTION": "function",
    "BOUND_AGGREGATE": "aggregate",
    "BOUND_WINDOW": "window",
    "BOUND_CASE": "case",
    "BOUND_COMPARISON": "comparison",
    "BOUND_CONJUNCTION": "conjunction",
    "BOUND_OPERATOR": "operator",
    "BOUND_BETWEEN": "between",
    "BOUND_UNNEST": "unnest",
}


@dataclass(frozen=True, slots=True)
class PlanExpression:
    """``name``: of the function in small letters, or DuckDB's name of the operator, as ``compare_equal``.

    ``args``: in order; of a case: condition, value, condition, value, …, and the value of ELSE. ``index``: of a column
    among the columns of the operator's inputs, one input after the other. ``at``: the byte in the SQL, if DuckDB says
    it. ``lossy``: a cast that yields null where a value does not fit (TRY_CAST).
    """

    kind: ExpressionKind
    name: str
    type: str
    args: tuple[PlanExpression, ...] = ()
    index: int = -1
    value: Any = None
    alias: str = ""
    at: int | None = None
    lossy: bool = False
    distinct: bool = False
    filter: PlanExpression | None = None
    order: tuple[PlanExpression, ...] = ()
    """ORDER BY of an aggregate's arguments."""
    partition: tuple[PlanExpression, ...] = ()
    window_order: tuple[PlanExpression, ...] = ()
    frame: tuple[str, str] = ("", "")
    """DuckDB's names of the two ends of a window's frame."""
    body: PlanExpression | None = field(default=None)
    """The body of a lambda. Its columns count the parameters first, then what it takes from outside."""

    def children(self) -> Iterator[PlanExpression]:
        """Every expression directly below, without the body of a lambda."""
        yield from self.args
        yield from (self.filter,) if self.filter else ()
        yield from (*self.order, *self.partition, *self.window_order)

    def walk(self) -> Iterator[PlanExpression]:
        """Yield the expression and all below it, without bodies of lambdas."""
        yield self
        for child in self.children():
            yield from child.walk()

    def columns(self) -> frozenset[int]:
        """The indices of all columns in it."""
        return frozenset(each.index for each in self.walk() if each.kind == "column")


def read_expression(told: Mapping[str, Any]) -> PlanExpression:
    """Return an expression from DuckDB's JSON. What is not known becomes ``unknown``, with all that is below it."""
    kind = _KINDS.get(told.get("expression_class", ""), "unknown")
    at = told.get("query_location")
    found = PlanExpression(
        kind,
        str(told.get("name") or told.get("type", "")).lower(),
        type_text(told.get("return_type")),
        alias=told.get("alias") or "",
        at=at if at is not None and at < _NOWHERE else None,
    )
    return _READERS[kind](found, told)


def _column(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, index=told["index"])


def _constant(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    value = told["value"]
    return replace(found, type=type_text(value["type"]), value=constant_value(value))


def _cast(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, name="cast", args=(read_expression(told["child"]),), lossy=told["try_cast"])


def _function(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    body = (told.get("function_data") or {}).get("lambda_expr")
    return replace(found, args=_all(told["children"]), body=read_expression(body) if body else None)


def _aggregate(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(
        found,
        args=_all(told["children"]),
        distinct=told["aggregate_type"] == "DISTINCT",
        filter=_one(told.get("filter")),
        order=_orders((told.get("order_bys") or {}).get("orders")),
    )


def _window(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    ends = ("start_expr", "end_expr", "offset_expr", "default_expr")
    extra = tuple(read_expression(told[name]) for name in ends if told.get(name))
    return replace(
        found,
        name=found.name if told.get("name") else told["type"].removeprefix("WINDOW_").lower(),
        args=(*_all(told["children"]), *extra),
        distinct=told["distinct"],
        filter=_one(told.get("filters")),
        order=_orders(told.get("arg_orders")),
        partition=_all(told["partitions"]),
        window_order=_orders(told["orders"]),
        frame=(told["start"], told["end"]),
    )


def _case(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    pairs = (each[name] for each in told["case_checks"] for name in ("when_expr", "then_expr"))
    return replace(found, args=_all([*pairs, told["else_expr"]]))


def _comparison(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, type="BOOLEAN", args=_all([told["left"], told["right"]]))


def _children(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, args=_all(told["children"]))


def _conjunction(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(_children(found, told), type="BOOLEAN")


def _between(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, type="BOOLEAN", args=_all([told["input"], told["lower"], told["upper"]]))


def _unnest(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, args=(read_expression(told["child"]),))


def _unknown(found: PlanExpression, told: Mapping[str, Any]) -> PlanExpression:
    return replace(found, args=tuple(_expressions_below(list(told.values()))))


def _expressions_below(told: Any) -> Iterator[PlanExpression]:
    if isinstance(told, list):
        for each in told:
            yield from _expressions_below(each)
    elif isinstance(told, Mapping):
        if "expression_class" in told:
            yield read_expression(told)
        else:
            yield from _expressions_below(list(told.values()))


def _orders(told: list[Mapping[str, Any]] | None) -> tuple[PlanExpression, ...]:
    """Return the expressions of ORDER BY."""
    return _all([each["expression"] for each in told or ()])


def _all(told: list[Mapping[str, Any]] | None) -> tuple[PlanExpression, ...]:
    return tuple(read_expression(each) for each in told or ())


def _one(told: Mapping[str, Any] | None) -> PlanExpression | None:
    return read_expression(told) if told else None


_READERS: Final = {
    "column": _column,
    "constant": _constant,
    "cast": _cast,
    "function": _function,
    "aggregate": _aggregate,
    "window": _window,
    "case": _case,
    "comparison": _comparison,
    "conjunction": _conjunction,
    "operator": _children,
    "between": _between,
    "unnest": _unnest,
    "unknown": _unknown,
}
