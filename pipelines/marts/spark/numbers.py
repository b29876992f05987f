"""Numbers of DuckDB as Spark computes them: division, rounding, casts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from citylake.pipelines.marts.spark.spark_types import spark_type

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

INTEGERS = frozenset(
    {
        exp.DType.TINYINT,
        exp.DType.SMALLINT,
        exp.DType.INT,
        exp.DType.BIGINT,
        exp.DType.INT128,
        exp.DType.UTINYINT,
        exp.DType.USMALLINT,
        exp.DType.UINT,
        exp.DType.UBIGINT,
    }
)
FLOATS = frozenset({exp.DType.FLOAT, exp.DType.DOUBLE})
TEXTS = frozenset({exp.DType.VARCHAR, exp.DType.TEXT})
_EXACT_TEXTS = INTEGERS | TEXTS | {exp.DType.DATE, exp.DType.BOOLEAN, exp.DType.DECIMAL, exp.DType.UNKNOWN}
_INFINITE = "CAST('Infinity' AS DOUBLE)"


def kind(node: exp.Expr | None) -> exp.DType:
    """Return the type that sqlglot found for ``node``; UNKNOWN if it found none."""
    found = node.type.this if node is not None and node.type else exp.DType.UNKNOWN
    return found if isinstance(found, exp.DType) else exp.DType.UNKNOWN


def write_division(writer: SelectWriter, node: exp.Div) -> str:
    """``/`` divides as doubles; a divisor of zero gives an infinity, or NaN, and no error."""
    top, bottom = (f"CAST({writer.sql(node, part)} AS DOUBLE)" for part in ("this", "expression"))
    if _is_above_zero(node.expression) or isinstance(node.expression.unnest(), exp.Nullif):
        return f"({top} / {bottom})"
    # Infinity times zero is NaN, as zero by zero is.
    return f"(CASE WHEN {bottom} = 0D THEN {top} * {_INFINITE} ELSE {top} / nullif({bottom}, 0D) END)"


def write_whole_division(writer: SelectWriter, node: exp.IntDiv) -> str:
    """``//`` of integers cuts; by zero it is null."""
    if not {kind(node.this), kind(node.expression)} <= INTEGERS:
        return writer.refuse(node, "// of other numbers than integers")
    return f"({writer.sql(node, 'this')} DIV nullif({writer.sql(node, 'expression')}, 0))"


def write_modulo(writer: SelectWriter, node: exp.Mod) -> str:
    """``%`` by zero is null."""
    return f"({writer.sql(node, 'this')} % nullif({writer.sql(node, 'expression')}, 0))"


def write_round(writer: SelectWriter, node: exp.Round) -> str:
    """Doubles are rounded on their binary value, as DuckDB does; Spark takes their decimal text."""
    places, value = node.args.get("decimals"), writer.sql(node, "this")
    if kind(node.this) in INTEGERS | {exp.DType.DECIMAL}:
        return f"round({value}, {writer.sql(places) if places else 0})"
    if places is not None and not (isinstance(places, exp.Literal) and places.name.isdigit()):
        return writer.refuse(node, "round() to other places than a literal")
    scale = f"1{'0' * int(places.name) if places is not None else ''}D"
    double = f"CAST({value} AS DOUBLE)"
    # floor() gives whole numbers, which end at 2^63: from 2^52 on a double has no fraction.
    near = f"signum({double}) * floor(abs({double}) * {scale} + 0.5D) / {scale}"
    return f"(CASE WHEN abs({double}) * {scale} < 4503599627370496D THEN {near} ELSE {double} END)"


def write_cast(writer: SelectWriter, node: exp.Cast) -> str:
    """A cast rounds to integers, where Spark cuts; a text of a number or time is the same only if it is exact."""
    to, value, source = node.to, writer.sql(node, "this"), kind(node.this)
    target = spark_type(to)
    if target is None or to.this == exp.DType.TIME:
        return writer.refuse(node, f"a cast to {to.sql('duckdb')}")
    if isinstance(node.this, exp.Explode):
        # Spark makes rows of a list at the top of a column only.
        return f"explode(transform({writer.sql(node.this, 'this')}, e -> CAST(e AS {target})))"
    if to.this in INTEGERS and source not in INTEGERS | TEXTS:
        whole = f"round({value}, 0)" if source == exp.DType.DECIMAL else f"rint({value})"
        value = value if source == exp.DType.BOOLEAN else whole
    if to.this in TEXTS and source not in _EXACT_TEXTS:
        return writer.refuse(node, f"a text of {source.value}")
    if target == "TIMESTAMP_NTZ" and source == exp.DType.TIMESTAMPTZ:
        from citylake.pipelines.marts.spark.times import local_time

        return local_time(value)
    form = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    return f"{form}({value} AS {target})"


def write_average(writer: SelectWriter, node: exp.Avg) -> str:
    """The mean of decimals is a double."""
    distinct = isinstance(node.this, exp.Distinct)
    inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    value = f"CAST({writer.sql(inner)} AS DOUBLE)" if kind(inner) == exp.DType.DECIMAL else writer.sql(inner)
    return f"avg({'DISTINCT ' if distinct else ''}{value})"


def _is_above_zero(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Literal) and not inner.is_string and float(inner.name) > 0
