"""Aggregates of DuckDB as Spark and Sail have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeGuard

from sqlglot import exp

from citylake.pipelines.marts.spark import lists
from citylake.pipelines.marts.spark.doubles import FLOATS, INFINITY, NAN, kind, one_nan
from citylake.pipelines.marts.spark.numbers import TEXTS

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

_ONE = ("Sum", "Avg", "Min", "Max", "LogicalAnd", "LogicalOr", "Stddev", "StddevSamp", "Variance", "AnyValue")
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
    if isinstance(called, exp.Median):
        return write_median(writer, called, condition)
    if isinstance(called, exp.PercentileCont | exp.PercentileDisc):
        return write_percentile(writer, called, condition)
    if is_product(called):
        return lists.write_product_of(writer, called, condition, writer.take_over())
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
    value, order = writer.sql(node, "this"), _compared(writer, node.expression)
    told = f"{value} IS NOT NULL" + (f" AND {condition}" if condition else "")
    name = "max_by" if isinstance(node, exp.ArgMax) else "min_by"
    return f"{name}({value}, CASE WHEN {told} THEN {order} END)"


def _compared(writer: SelectWriter, node: exp.Expr) -> str:
    """A tuple compares its nulls as the greatest, and is none itself."""
    if not isinstance(node, exp.Tuple):
        return writer.sql(node)
    keys = [writer.sql(part) for part in node.expressions]
    name = lists.named_by("k", " ".join(keys))
    fields = (f"({key} IS NULL) AS n{at}, {key} AS {name}_{at}" for at, key in enumerate(keys))
    return f"struct({', '.join(fields)})"


def write_joined(writer: SelectWriter, node: exp.GroupConcat, condition: str | None = None) -> str:
    """``string_agg`` in an order that is written; DISTINCT in that of its own text."""
    over, inner, order = writer.take_over(), node.this, []
    if isinstance(inner, exp.Order):
        order, inner = inner.expressions, inner.this
    distinct = isinstance(inner, exp.Distinct)
    value = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    own = len(order) == 1 and order[0].this == value and not order[0].args.get("desc")
    if not order or (distinct and not own):
        return writer.refuse(node, "string_agg without an order, or DISTINCT in another than that of its own text")
    if kind(value) not in TEXTS:
        return writer.refuse(node, f"string_agg of {kind(value).value}")
    text = writer.sql(value)
    if own:
        listed = f"array_sort({lists.collected(text, condition, over)})"
        listed = f"array_distinct({listed})" if distinct else listed
    else:
        listed = lists.in_order(writer, node, text, order, condition, over) or ""
    if not listed:
        return writer.refuse(node, "string_agg in the descending order of a text, decimal or double")
    # Over no text at all, the result is null and not an empty text.
    separator = writer.sql(node.args.get("separator")) or "','"
    return f"get(transform(array({listed}), l -> CASE WHEN size(l) > 0 THEN array_join(l, {separator}) END), 0)"


def write_list(writer: SelectWriter, node: exp.ArrayAgg) -> str:
    """``list(x)``: its order is not that of the rows, so it must not matter."""
    return writer.refuse(node, "list(): its order, and its nulls, are other ones in Spark")


def write_sum(writer: SelectWriter, node: exp.Sum) -> str:
    """``sum``: of doubles, it is NaN for an infinity and its opposite."""
    over = writer.take_over()
    if writer.moves and kind(node.this) in FLOATS and not isinstance(node.this, exp.Distinct):
        return lists.write_moving_sum(writer.sql(node, "this"), over)
    return one_nan(f"sum({writer.sql(node, 'this')}){over}", node)


def write_extreme(writer: SelectWriter, node: exp.Max | exp.Min) -> str:
    """``max`` and ``min``: in groups, Sail's compare NaN with nothing, so NaN is told apart."""
    over = writer.take_over()
    if node.args.get("count") or node.expressions:
        return writer.refuse(node, f"{node.key}() of several rows")
    value = writer.sql(node, "this")
    if kind(node.this) not in FLOATS or isinstance(node.this, exp.Distinct):
        return f"{node.key}({value}){over}"
    # In groups, Sail starts from the last finite number.
    far = f"-{INFINITY}" if isinstance(node, exp.Max) else INFINITY
    number = f"{node.key}(CASE WHEN NOT isnan({value}) AND {value} <> {far} THEN {value} END){over}"
    nan = f"CASE WHEN count(CASE WHEN isnan({value}) THEN 1 END){over} > 0 THEN {NAN} END"
    end = f"CASE WHEN count(CASE WHEN {value} = {far} THEN 1 END){over} > 0 THEN {far} END"
    return f"coalesce({nan}, {number}, {end})" if isinstance(node, exp.Max) else f"coalesce({number}, {end}, {nan})"


def write_grouping(writer: SelectWriter, node: exp.Grouping) -> str:
    """``grouping`` of several keys is the number of their bits."""
    bits = [f"CAST(grouping({writer.sql(key)}) AS BIGINT)" for key in node.expressions]
    terms = (f"{bit} * {2 ** (len(bits) - 1 - at)}" for at, bit in enumerate(bits))
    return bits[0] if len(bits) == 1 else f"({' + '.join(terms)})"


def write_median(writer: SelectWriter, node: exp.Median, condition: str | None = None) -> str:
    """``median``: over the sorted list of doubles, because Sail's has no order for NaN, or of a part of a window."""
    if writer.is_partial or kind(node.this) in FLOATS:
        return lists.write_quantile(writer, node, node.this, 0.5, condition, writer.take_over())
    over, value = writer.take_over(), writer.sql(node, "this")
    return f"median({f'CASE WHEN {condition} THEN {value} END' if condition else value}){over}"


def write_percentile(
    writer: SelectWriter, node: exp.PercentileCont | exp.PercentileDisc, condition: str | None = None
) -> str:
    """``quantile_cont(x, p)`` and ``quantile_disc(x, p)`` with a literal share: Sail rounds the share of the former."""
    share = node.args.get("expression")
    if not isinstance(share, exp.Literal):
        return writer.refuse(node, "a quantile whose share is no literal")
    return lists.write_quantile(writer, node, node.this, float(share.name), condition, writer.take_over())


def is_product(node: exp.Expr) -> TypeGuard[exp.Anonymous]:
    """Whether ``node`` is ``product``, which sqlglot does not know."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == "product"


def write_any(writer: SelectWriter, node: exp.AnyValue) -> str:
    """``any_value`` skips nulls."""
    # sqlglot says it with a node around.
    skips = "" if isinstance(node.parent, exp.IgnoreNulls) else " IGNORE NULLS"
    return f"any_value({writer.sql(node, 'this')}){skips}"


def write_mode(writer: SelectWriter, node: exp.Mode) -> str:
    """``mode(x ORDER BY x)``: without an order, DuckDB takes the first that it met of equally frequent values."""
    inner = node.this
    own = isinstance(inner, exp.Order) and len(inner.expressions) == 1 and inner.expressions[0].this == inner.this
    if not own or inner.expressions[0].args.get("desc"):
        return writer.refuse(node, "mode() that is not ordered by its own value, ascending")
    return f"mode() WITHIN GROUP (ORDER BY {writer.sql(inner, 'this')})"


def plain(name: str) -> Callable[[SelectWriter, exp.Expr], str]:
    """A function or aggregate of one argument that is the same under ``name``."""

    def write(writer: SelectWriter, node: exp.Expr) -> str:
        over = writer.take_over()
        if writer.moves and kind(node.this) in FLOATS:
            return writer.refuse(node, f"{name}() of doubles over a window that moves")
        return one_nan(f"{name}({writer.sql(node, 'this')}){over}", node)

    return write
