"""Aggregates of DuckDB as Spark and Sail have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from citylake.pipelines.marts.spark.numbers import kind

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

_ONE = ("Sum", "Avg", "Min", "Max", "Median", "LogicalAnd", "LogicalOr", "Stddev", "StddevSamp", "Variance", "AnyValue")
_SIMPLE: tuple[type[exp.Func], ...] = tuple(getattr(exp, name) for name in _ONE)


def write_filter(writer: SelectWriter, node: exp.Filter) -> str:
    """``agg(x) FILTER (WHERE p)`` as ``agg(CASE WHEN p THEN x END)``: Spark has no FILTER in windows."""
    called, where = node.this, node.expression.this
    condition = writer.sql(where)
    changed = called.copy()
    changed.type = called.type
    if isinstance(called, exp.Count) and isinstance(called.this, exp.Star):
        return f"count(CASE WHEN {condition} THEN 1 END)"
    if isinstance(called, exp.ArgMax | exp.ArgMin):
        return _by(writer, called, condition)
    if isinstance(called, exp.GroupConcat):
        return write_joined(writer, called, condition)
    if isinstance(called, (exp.Count, *_SIMPLE)) and isinstance(called, exp.Expr):
        inner = called.this
        if isinstance(inner, exp.Distinct) and len(inner.expressions) == 1:
            return writer.sql(_with_inner(called, exp.Distinct(expressions=[_cased(inner.expressions[0], where)])))
        if not isinstance(inner, exp.Distinct):
            return writer.sql(_with_inner(called, _cased(inner, where)))
    return writer.refuse(node, f"FILTER of {called.key}")


def _with_inner(called: exp.Expr, inner: exp.Expr) -> exp.Expr:
    made = called.copy()
    made.set("this", inner)
    return made


def _cased(value: exp.Expr, where: exp.Expr) -> exp.Expr:
    made = exp.Case(ifs=[exp.If(this=where.copy(), true=value.copy())])
    made.type = value.type
    return made


def write_by(writer: SelectWriter, node: exp.ArgMax | exp.ArgMin) -> str:
    """``arg_max(x, y)`` is over rows in which neither is null."""
    return _by(writer, node, None)


def _by(writer: SelectWriter, node: exp.ArgMax | exp.ArgMin, condition: str | None) -> str:
    if node.args.get("count"):
        return writer.refuse(node, "arg_max of several rows")
    value, order = writer.sql(node, "this"), writer.sql(node, "expression")
    told = f"{value} IS NOT NULL" + (f" AND {condition}" if condition else "")
    name = "max_by" if isinstance(node, exp.ArgMax) else "min_by"
    return f"{name}({value}, CASE WHEN {told} THEN {order} END)"


def write_joined(writer: SelectWriter, node: exp.GroupConcat, condition: str | None = None) -> str:
    """``string_agg``, ordered by its own text; DISTINCT or not."""
    inner, order = node.this, None
    if isinstance(inner, exp.Order):
        order, inner = inner.expressions, inner.this
    distinct = isinstance(inner, exp.Distinct)
    value = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    own = order and len(order) == 1 and order[0].this == value and not order[0].args.get("desc")
    if not own:
        return writer.refuse(node, "string_agg that is not ordered by its own text alone, ascending")
    text = writer.sql(value)
    chosen = f"CASE WHEN {condition} THEN {text} END" if condition else text
    listed = f"array_sort({'collect_set' if distinct else 'collect_list'}({chosen}))"
    # Over no text at all, the result is null and not an empty text.
    separator = writer.sql(node.args.get("separator")) or "','"
    return f"(CASE WHEN count({chosen}) > 0 THEN array_join({listed}, {separator}) END)"


def write_list(writer: SelectWriter, node: exp.ArrayAgg) -> str:
    """``list(x)``: its order is not that of the rows, so it must not matter."""
    return writer.refuse(node, "list(): its order, and its nulls, are other ones in Spark")


def write_any(writer: SelectWriter, node: exp.AnyValue) -> str:
    """``any_value`` skips nulls."""
    # sqlglot says it with a node around.
    skips = "" if isinstance(node.parent, exp.IgnoreNulls) else " IGNORE NULLS"
    return f"any_value({writer.sql(node, 'this')}){skips}"


def write_percentile(writer: SelectWriter, node: exp.PercentileCont | exp.PercentileDisc) -> str:
    """``quantile_cont(x, p)`` and ``quantile_disc(x, p)`` with a literal share."""
    share = node.args.get("expression")
    if not isinstance(share, exp.Literal):
        return writer.refuse(node, "a quantile whose share is no literal")
    value = writer.sql(node, "this")
    name = "percentile_cont" if isinstance(node, exp.PercentileCont) else "percentile_disc"
    return f"{name}({share.name}D) WITHIN GROUP (ORDER BY {value})"


def write_mode(writer: SelectWriter, node: exp.Mode) -> str:
    """Of several values that are equally frequent, DuckDB takes the first that it met: no order says which."""
    return writer.refuse(node, "mode(): which of equally frequent values it gives is not the same")


def plain(name: str) -> Callable[[SelectWriter, exp.Expr], str]:
    """A function or aggregate of one argument that is the same under ``name``."""

    def write(writer: SelectWriter, node: exp.Expr) -> str:
        return f"{name}({writer.sql(node, 'this')})"

    return write


def is_text(node: exp.Expr) -> bool:
    """Whether ``node`` is known to be a text."""
    return kind(node) in (exp.DType.VARCHAR, exp.DType.TEXT)
