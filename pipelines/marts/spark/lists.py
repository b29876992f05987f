"""Lists: functions of lists, and aggregates that Spark computes over the list of a group's or a window's values."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlglot import exp

from citylake.pipelines.marts.spark.doubles import FLOATS, kind, one_nan, one_zero
from citylake.pipelines.marts.spark.numbers import INTEGERS, TEXTS

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

_LISTS = frozenset({exp.DType.LIST, exp.DType.ARRAY})
_LANCZOS = (
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
)  # fmt: skip
"""Of Lanczos' approximation of the gamma function, g = 7: right to the fifteenth digit."""


def collected(value: str, condition: str | None, over: str) -> str:
    """Return the list of the values of a group or window that are not null, and for which ``condition`` is true."""
    # Sail takes the list of CAST(x …) for that of x.
    value = f"CASE WHEN {value} IS NOT NULL THEN {value} END" if value.startswith("CAST(") else value
    chosen = f"CASE WHEN {condition} THEN {value} END" if condition else value
    # Sail keeps nulls in a window that moves, and has no list for one without rows.
    return f"filter(collect_list({chosen}){over}, e -> e IS NOT NULL)"


def write_quantile(
    writer: SelectWriter, node: exp.Expr, value: exp.Expr, share: float, condition: str | None, over: str
) -> str:
    """A quantile by the sorted list of a group's, or a window's, numbers: between two, or the one that is reached."""
    text = writer.sql(value)
    if isinstance(node, exp.PercentileDisc):
        made = _reached(share)
    elif kind(value) in FLOATS | INTEGERS:
        text, made = f"CAST({text} AS DOUBLE)", _between(share)
    else:
        return writer.refuse(node, f"{node.key}() of {kind(value).value}")
    ordered = f"array_sort({collected(text, condition, over)})"
    return f"get(transform(array({ordered}), l -> CASE WHEN size(l) > 0 THEN {made} END), 0)"


def _between(share: float) -> str:
    place = f"((size(l) - 1) * {share!r}D)"
    low, high = (f"get(l, CAST({name}({place}) AS INT))" for name in ("floor", "ceil"))
    part = f"({place} - floor({place}))"
    mixed = one_nan(f"({low} * (1D - {part}) + {high} * {part})")
    return f"CASE WHEN floor({place}) = ceil({place}) THEN {low} ELSE {mixed} END"


def _reached(share: float) -> str:
    return f"get(l, greatest(0, CAST(ceil(size(l) * {share!r}D) AS INT) - 1))"


def write_product_of(writer: SelectWriter, node: exp.Anonymous, condition: str | None, over: str) -> str:
    """``product``: null over nothing."""
    value = f"CAST({writer.sql(node.expressions[0])} AS DOUBLE)"
    return _folded(collected(value, condition, over), "a * e")


def write_moving_sum(value: str, over: str) -> str:
    """``sum`` of doubles over a window that moves, anew for each row."""
    return _folded(collected(value, None, over), "a + e")


def _folded(listed: str, step: str) -> str:
    return one_nan(f"aggregate({listed}, CAST(NULL AS DOUBLE), (a, e) -> CASE WHEN a IS NULL THEN e ELSE {step} END)")


def in_order(
    writer: SelectWriter, node: exp.Expr, value: str, order: list[exp.Ordered], condition: str | None, over: str
) -> str | None:
    """Return the list of ``value`` in an order; None, refused, where a key cannot be turned around."""
    keys = [_key(writer, number, one) for number, one in enumerate(order)]
    if None in keys:
        return None
    kept = ", ".join(key for key in keys if key)
    name = named_by("v", f"{kept} {value}")
    fields = f"{kept}, {value} AS {name}"
    told = f"{value} IS NOT NULL" + (f" AND {condition}" if condition else "")
    listed = f"collect_list(CASE WHEN {told} THEN struct({fields}) END){over}"
    return f"transform(array_sort(filter({listed}, e -> e IS NOT NULL)), e -> e.{name})"


def named_by(name: str, content: str) -> str:
    """Return ``name`` of a field with a number of ``content``: Sail tells aggregates of structs apart by names only."""
    return f"{name}{zlib.crc32(content.encode()):08x}"


def _key(writer: SelectWriter, number: int, one: exp.Ordered) -> str | None:
    """Two fields that sort as one key does in DuckDB: nulls last, or first where it says so."""
    key, told = writer.sql(one, "this"), f"{writer.sql(one, 'this')} IS NULL"
    flag = f"NOT ({told})" if one.args.get("nulls_first") else f"({told})"
    if one.args.get("desc"):
        if kind(one.this) in INTEGERS:
            key = f"-({key})"
        elif kind(one.this) == exp.DType.DATE:
            key = f"-unix_date({key})"
        elif kind(one.this) == exp.DType.TIMESTAMPTZ:
            key = f"-unix_micros({key})"
        else:
            return None
    return f"{flag} AS n{number}, {one_zero(key, one.this)} AS k{number}"


def write_list_sum(writer: SelectWriter, node: exp.Anonymous) -> str:
    """``list_sum``: without nulls, and null where nothing is left."""
    listed = node.expressions[0]
    return _folded(f"transform(filter({writer.sql(listed)}, e -> e IS NOT NULL), e -> CAST(e AS DOUBLE))", "a + e")


def write_transform(writer: SelectWriter, node: exp.Transform | exp.ArrayFilter) -> str:
    """``list_transform`` and ``list_filter`` with a lambda of one name."""
    made = node.expression
    if not isinstance(made, exp.Lambda) or len(made.expressions) != 1:
        return writer.refuse(node, "a lambda of other than one name")
    name = "transform" if isinstance(node, exp.Transform) else "filter"
    return f"{name}({writer.sql(node, 'this')}, {made.expressions[0].name} -> {writer.sql(made.this)})"


def write_length(writer: SelectWriter, node: exp.Length) -> str:
    """``length`` of a text, or of a list."""
    value = writer.sql(node, "this")
    if kind(node.this) in _LISTS:
        return f"CAST(CASE WHEN {value} IS NOT NULL THEN size({value}) END AS BIGINT)"
    return f"CAST(length({value}) AS BIGINT)" if kind(node.this) in TEXTS else writer.refuse(node, "length() of other")


def write_log_gamma(writer: SelectWriter, node: exp.Anonymous) -> str:
    """``lgamma`` from a half on, by Lanczos' approximation; below, it is an error."""
    value = f"CAST({writer.sql(node.expressions[0])} AS DOUBLE)"
    series = " + ".join(f"{c!r}D / (z + {at}D)" if at else f"{c!r}D" for at, c in enumerate(_LANCZOS))
    raised = "CAST(raise_error('lgamma() of a number below a half') AS DOUBLE)"
    told = f"0.9189385332046727D + (z + 0.5D) * ln(z + 7.5D) - (z + 7.5D) + ln({series})"
    made = f"CASE WHEN z >= -0.5D THEN {told} WHEN z IS NOT NULL THEN {raised} END"
    return f"get(transform(array({value} - 1D), z -> {made}), 0)"
