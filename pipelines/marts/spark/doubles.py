"""Doubles without a sign of NaN: DuckDB and Apache Spark know one NaN, above all numbers, and Sail two.

Processors give zero times infinity and its like the NaN with a minus, which Sail sorts below all numbers. So every
operation that can make a NaN gives the one without it, and so does every column that an input stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from sqlglot import exp

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

FLOATS = frozenset({exp.DType.FLOAT, exp.DType.DOUBLE})
STORED: Final = "stored"
"""The mark, in ``meta``, of a column that an input stores."""


NAN: Final = "CAST('NaN' AS DOUBLE)"
INFINITY: Final = "CAST('Infinity' AS DOUBLE)"


def kind(node: exp.Expr | None) -> exp.DType:
    """Return the type that sqlglot found for ``node``; UNKNOWN if it found none."""
    found = node.type.this if node is not None and node.type else exp.DType.UNKNOWN
    return found if isinstance(found, exp.DType) else exp.DType.UNKNOWN


def one_nan(text: str, node: exp.Expr | None = None) -> str:
    """Return the double ``text`` without a sign of NaN; what is no double, by the type of ``node``, as it is."""
    if node is not None and kind(node) not in FLOATS:
        return text
    if isinstance(node, exp.Column | exp.Dot):
        # Without a NaN in its text, Sail knows that the expression equals itself, as a partition of windows has to.
        return f"nanvl({text}, abs({text}))"
    name = "FLOAT" if node is not None and kind(node) == exp.DType.FLOAT else "DOUBLE"
    return f"nanvl({text}, CAST('NaN' AS {name}))"


def write_product(writer: SelectWriter, node: exp.Mul) -> str:
    """``*``: of doubles, it is NaN for zero times infinity."""
    return _written(writer, node, "*", any(_is_number(part) for part in (node.left, node.right)))


def write_plain_sum(writer: SelectWriter, node: exp.Add | exp.Sub) -> str:
    """``+`` and ``-`` of numbers: of doubles, it is NaN for an infinity less an infinity."""
    finite = any(_is_number(part) or kind(part) not in FLOATS for part in (node.left, node.right))
    return _written(writer, node, "-" if isinstance(node, exp.Sub) else "+", finite)


def write_negation(writer: SelectWriter, node: exp.Neg) -> str:
    """``-x`` turns the sign of NaN too."""
    text = f"-{' ' if isinstance(node.this, exp.Neg) else ''}{writer.sql(node, 'this')}"
    return text if _is_number(node.this) else one_nan(text, node)


def write_power(writer: SelectWriter, node: exp.Pow) -> str:
    """``pow`` of a number below zero and a fraction is NaN."""
    base, power = (f"CAST({writer.sql(node, part)} AS DOUBLE)" for part in ("this", "expression"))
    if _is_number(node.expression):
        return one_nan(f"POWER({base}, {power})")
    # Sail refuses zero to a power below zero.
    return one_nan(f"CASE WHEN {base} = 0D AND {power} < 0D THEN {INFINITY} ELSE POWER({base}, {power}) END")


def write_logarithm(writer: SelectWriter, node: exp.Ln | exp.Log) -> str:
    """``ln``, ``log10`` and ``log2``: of zero and below they are an error, and null in Spark."""
    base = node.this if isinstance(node, exp.Log) and node.expression else None
    if base is not None and base.name not in ("2", "10"):
        return writer.refuse(node, "log() with a base")
    name = f"log{base.name}" if base is not None else "ln" if isinstance(node, exp.Ln) else "log10"
    value = writer.sql(node.expression if base is not None else node.this)
    return _guarded(f"{name}({value})", f"{value} > 0", value, "a logarithm of zero or below")


def write_root(writer: SelectWriter, node: exp.Sqrt) -> str:
    """``sqrt``: below zero it is an error, and NaN in Spark."""
    value = writer.sql(node, "this")
    return _guarded(f"sqrt({value})", f"{value} >= 0", value, "a square root of a number below zero")


def write_nullif(writer: SelectWriter, node: exp.Nullif) -> str:
    """``nullif``: for Sail, a zero with a minus is not zero there."""
    value, other = writer.sql(node, "this"), writer.sql(node, "expression")
    if kind(node.this) not in FLOATS:
        return f"NULLIF({value}, {other})"
    return f"(CASE WHEN {value} = {other} THEN NULL ELSE {value} END)"


def write_is_nan(writer: SelectWriter, node: exp.IsNan) -> str:
    """``isnan``: of null it is null."""
    value = writer.sql(node, "this")
    return f"(CASE WHEN {value} IS NOT NULL THEN isnan({value}) END)"


def write_sign(writer: SelectWriter, node: exp.Sign) -> str:
    """``sign``: an integer, and zero for NaN."""
    value = writer.sql(node, "this")
    text = f"CAST(signum({value}) AS TINYINT)"
    return f"(CASE WHEN isnan({value}) THEN CAST(0 AS TINYINT) ELSE {text} END)" if kind(node.this) in FLOATS else text


def half_even(value: str) -> str:
    """Return the double ``value`` as the nearest whole number, a half as the even one: Sail's ``rint`` does not."""
    # Beside this number, 1.5 times 2^52, a double has no fraction.
    near = f"({value} + 6755399441055744D - 6755399441055744D)"
    return f"(CASE WHEN abs({value}) < 2251799813685248D THEN {near} ELSE {value} END)"


def write_whole(name: str) -> Callable[[SelectWriter, exp.Expr], str]:
    """``floor`` and ``ceil``: Sail's are integers, which end at 2^63; from 2^52 on a double has no fraction."""

    def write(writer: SelectWriter, node: exp.Expr) -> str:
        value = writer.sql(node, "this")
        if kind(node.this) not in FLOATS:
            return f"{name}({value})"
        return f"(CASE WHEN abs({value}) < 4503599627370496D THEN CAST({name}({value}) AS DOUBLE) ELSE {value} END)"

    return write


def cast_beside_doubles(tree: exp.Expr) -> None:
    """Let a decimal that is compared with doubles, or stands for one, be a double: Sail makes the doubles decimals."""
    for node in list(tree.walk()):
        for values in _beside(node):
            if any(kind(one) in FLOATS for one in values):
                for one in values:
                    if kind(one) == exp.DType.DECIMAL:
                        made = exp.Cast(this=one.copy(), to=exp.DataType.build("double"))
                        made.type = exp.DataType.build("double")
                        one.replace(made)


def count_one_zero(tree: exp.Expr) -> None:
    """Let an aggregate of distinct doubles see one zero: Sail counts that with a minus beside it."""
    for node in list(tree.find_all(exp.Distinct)):
        for one in node.expressions if not isinstance(node.parent, exp.Select) else []:
            if kind(one) in FLOATS:
                one.replace(with_one_zero(one))


def with_one_zero(node: exp.Expr) -> exp.Expr:
    """Return ``node`` for an order or a partition: Sail sorts the zero with a minus before the other."""
    if kind(node) not in FLOATS:
        return node
    made = exp.Add(this=exp.Paren(this=node.copy()), expression=exp.Literal.number("0e0"))
    made.type = node.type
    return made


def one_zero(text: str, node: exp.Expr) -> str:
    """As :func:`with_one_zero`, of the text of ``node``."""
    return f"({text} + 0D)" if kind(node) in FLOATS else text


def _beside(node: exp.Expr) -> Iterator[list[exp.Expr]]:
    if isinstance(node, exp.Case):
        results = [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")]
        yield [one for one in results if one is not None]
        if node.this is not None:
            yield [node.this, *(one.this for one in node.args["ifs"])]
    elif isinstance(node, exp.Coalesce | exp.Least | exp.Greatest | exp.In):
        yield [node.this, *node.expressions]
    elif isinstance(node, exp.Between):
        yield [node.this, node.args["low"], node.args["high"]]
    elif isinstance(node, exp.Nullif | exp.Binary) and not isinstance(node, exp.Dot):
        yield [node.this, node.expression]


def _guarded(text: str, condition: str, value: str, error: str) -> str:
    raised = f"CAST(raise_error('{error}') AS DOUBLE)"
    return f"(CASE WHEN {condition} THEN {text} WHEN {value} IS NOT NULL THEN {raised} END)"


def _written(writer: SelectWriter, node: exp.Binary, sign: str, finite: bool) -> str:
    text = writer.binary(node, sign)
    return text if finite or kind(node) not in FLOATS else one_nan(text)


def _is_number(node: exp.Expr) -> bool:
    """A literal other than zero: times it, or with it added, no number becomes NaN."""
    inner = node.unnest()
    return isinstance(inner, exp.Literal) and not inner.is_string and float(inner.name) != 0
