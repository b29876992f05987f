"""Times of day: Spark has no such type, so they are texts of one form, ``HH:mm:ss.SSSSSS``, and compare as texts."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from sqlglot import exp

from citylake.pipelines.marts.spark.doubles import kind

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

_LOCAL = frozenset({exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ})


def one_form(text: str) -> str:
    """Return a stored time of day, whose text may end with its minutes or seconds, in the form of all others."""
    ended = f"CASE length({text}) WHEN 5 THEN concat({text}, ':00.') WHEN 8 THEN concat({text}, '.') ELSE {text} END"
    return f"rpad({ended}, 15, '0')"


def write_time_of_day(writer: SelectWriter, node: exp.Cast) -> str:
    """A cast to TIME, of a time without a zone or of a literal."""
    value = node.this
    if kind(value) == exp.DType.TIME:
        return writer.sql(value)
    if kind(value) in _LOCAL:
        return f"date_format({writer.sql(value)}, 'HH:mm:ss.SSSSSS')"
    if isinstance(value, exp.Literal) and value.is_string:
        return f"'{time.fromisoformat(value.name.strip().zfill(5)).isoformat('microseconds')}'"
    return writer.refuse(node, f"a cast of {kind(value).value} to TIME")


def type_literals(tree: exp.Expr) -> None:
    """Let a text that is compared with a time of day be one, as in DuckDB."""
    for node in list(tree.find_all(exp.Predicate)):
        parts = [part for part in node.iter_expressions() if isinstance(part, exp.Expr)]
        if any(kind(part) == exp.DType.TIME for part in parts):
            for part in parts:
                if isinstance(part, exp.Literal) and part.is_string:
                    made = exp.Cast(this=part.copy(), to=exp.DataType.build("time"))
                    made.type = exp.DataType.build("time")
                    part.replace(made)
