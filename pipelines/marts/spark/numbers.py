"""Numbers of DuckDB as Spark computes them: division, rounding, casts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from citylake.pipelines.marts.spark.cast_names import NAMED
from citylake.pipelines.marts.spark.doubles import FLOATS, INFINITY, half_even, kind, one_nan
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
TEXTS = frozenset({exp.DType.VARCHAR, exp.DType.TEXT})
_EXACT_TEXTS = INTEGERS | TEXTS | {exp.DType.DATE, exp.DType.BOOLEAN, exp.DType.DECIMAL, exp.DType.UNKNOWN}


def write_division(writer: SelectWriter, node: exp.Div) -> str:
    """``/`` divides as doubles; a divisor of zero gives an infinity, or NaN, and no error."""
    top, bottom = (f"CAST({writer.sql(node, part)} AS DOUBLE)" for part in ("this", "expression"))
    if _is_above_zero(node.expression) or isinstance(node.expression.unnest(), exp.Nullif):
        text = f"({top} / {bottom})"
        return one_nan(text) if {kind(node.this), kind(node.expression)} <= FLOATS else text
    # The text tells the sign of a zero; zero times infinity is NaN, as zero by zero is.
    signed = INFINITY
    if kind(node.expression) in FLOATS:
        signed = f"(CASE WHEN CAST({bottom} AS STRING) LIKE '-%' THEN -{INFINITY} ELSE {INFINITY} END)"
    zero = f"CASE WHEN {bottom} = 0D THEN NULL ELSE {bottom} END"
    return one_nan(f"CASE WHEN {bottom} = 0D THEN {top} * {signed} ELSE {top} / {zero} END")


def write_whole_division(writer: SelectWriter, node: exp.IntDiv) -> str:
    """``//`` of integers cuts; by zero it is null."""
    if not {kind(node.this), kind(node.expression)} <= INTEGERS:
        return writer.refuse(node, "// of other numbers than integers")
    return f"({writer.sql(node, 'this')} DIV nullif({writer.sql(node, 'expression')}, 0))"


def write_modulo(writer: SelectWriter, node: exp.Mod) -> str:
    """``%`` by zero is null; of doubles it would be NaN."""
    if {kind(node.this), kind(node.expression)} & FLOATS:
        return writer.refuse(node, "% of doubles")
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
    to, source = node.to, kind(node.this)
    if to.this == exp.DType.TIME:
        from citylake.pipelines.marts.spark.times_of_day import write_time_of_day

        return write_time_of_day(writer, node)
    value, target = writer.sql(node, "this"), spark_type(to)
    if target is None:
        return writer.refuse(node, f"a cast to {to.sql('duckdb')}")
    if isinstance(node.this, exp.Explode):
        # Spark makes rows of a list at the top of a column only.
        return f"explode(transform({writer.sql(node.this, 'this')}, e -> CAST(e AS {target})))"
    if to.this in INTEGERS and source not in INTEGERS | TEXTS:
        whole = f"round({value}, 0)" if source == exp.DType.DECIMAL else half_even(f"CAST({value} AS DOUBLE)")
        value = value if source == exp.DType.BOOLEAN else whole
    if to.this in TEXTS and source not in _EXACT_TEXTS:
        return writer.refuse(node, f"a text of {source.value}")
    if exp.DType.TIMESTAMPTZ in (source, to.this):
        from citylake.pipelines.marts.spark.times import write_zone_of_cast

        if found := write_zone_of_cast(writer, value, source, target):
            return found
    form = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    if source in TEXTS and to.this not in TEXTS and not isinstance(node.this, exp.Literal):
        from citylake.pipelines.marts.spark.texts import write_number

        if to.this not in INTEGERS | FLOATS:
            return writer.refuse(node, f"a cast of a text to {to.sql('duckdb')}")
        return one_nan(write_number(value, form, target, to.this in INTEGERS), node)
    text = f"{form}({value} AS {target})"
    return f"(CASE '{target}' WHEN '{target}' THEN {text} END)" if node.meta.get(NAMED) else text


def write_average(writer: SelectWriter, node: exp.Avg) -> str:
    """The mean of decimals is a double."""
    over = writer.take_over()
    distinct = isinstance(node.this, exp.Distinct)
    inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    value = f"CAST({writer.sql(inner)} AS DOUBLE)" if kind(inner) == exp.DType.DECIMAL else writer.sql(inner)
    if writer.moves and kind(inner) in FLOATS and not distinct:
        from citylake.pipelines.marts.spark.lists import write_moving_sum

        return f"({write_moving_sum(value, over)} / nullif(count({value}){over}, 0))"
    text = f"avg({'DISTINCT ' if distinct else ''}{value}){over}"
    return one_nan(text) if kind(inner) in FLOATS else text


def _is_above_zero(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Literal) and not inner.is_string and float(inner.name) > 0
