"""The type of every node of a SELECT, as DuckDB has it: sqlglot's annotations, corrected where they say otherwise."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.optimizer.annotate_types import TypeAnnotator, annotate_types
from sqlglot.optimizer.qualify import qualify

_TIMES = ("timestamp", "timestampntz", "timestamptz")
_FUNCTIONS = {
    "product": exp.DType.DOUBLE,
    "list_sum": exp.DType.DOUBLE,
    "lgamma": exp.DType.DOUBLE,
    "date_sub": exp.DType.BIGINT,
    "datesub": exp.DType.BIGINT,
}
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "int128", "float", "double", "decimal")


def bind_types(tree: exp.Expr, schema: dict[str, Any]) -> exp.Expr:
    """Give every column its table, and every node its type; ``schema``: view → column → DuckDB type."""
    bound = qualify(tree, schema=schema, dialect="duckdb", validate_qualify_columns=False)
    # With its digits, sqlglot lets a decimal win over a double.
    plain = {view: {name: _plain(kind) for name, kind in columns.items()} for view, columns in schema.items()}
    return annotate_types(
        bound, schema=plain, dialect="duckdb", expression_metadata=_annotations(), coerces_to=_coercions()
    )


def _plain(kind: str) -> exp.DataType:
    built = exp.DataType.build(kind, dialect="duckdb")
    for part in list(built.find_all(exp.DataType)):
        if part.this == exp.DType.DECIMAL:
            part.set("expressions", None)
    return built


def _coercions() -> dict[exp.DType, set[exp.DType]]:
    """A decimal beside a double is a double; sqlglot says the contrary."""
    known = {kind: {*wider} for kind, wider in TypeAnnotator.COERCES_TO.items()}
    for kind in (exp.DType.FLOAT, exp.DType.DOUBLE):
        known[kind] = known.get(kind, set()) - {exp.DType.DECIMAL}
    known[exp.DType.DECIMAL] = {exp.DType.FLOAT, exp.DType.DOUBLE}
    return known


def _annotations() -> Any:
    metadata = dict(DuckDB.EXPRESSION_METADATA)
    before = {kind: metadata[kind]["annotator"] for kind in (exp.Add, exp.Sub, exp.Literal, exp.Anonymous)}

    def moved(self: Any, node: exp.Add | exp.Sub) -> exp.Expr:
        sides = (node.this, node.expression)
        if isinstance(node, exp.Sub) and all(side.is_type("date") for side in sides):
            return self._set_type(node, exp.DType.BIGINT)  # type: ignore[no-any-return]
        times = [side for side in sides if side.is_type(*_TIMES)]
        # With an interval, whose functions sqlglot does not know.
        return self._set_type(node, times[0].type) if len(times) == 1 else before[type(node)](self, node)  # type: ignore[no-any-return]

    def literal(self: Any, node: exp.Literal) -> exp.Expr:
        if node.is_string or "." not in node.name or "e" in node.name.lower():
            return before[exp.Literal](self, node)  # type: ignore[no-any-return]
        return self._set_type(node, exp.DType.DECIMAL)  # type: ignore[no-any-return]

    def cast(self: Any, node: exp.Cast | exp.TryCast) -> exp.Expr:
        return self._set_type(node, exp.DType.DECIMAL if node.to.this == exp.DType.DECIMAL else node.to)  # type: ignore[no-any-return]

    def called(self: Any, node: exp.Anonymous) -> exp.Expr:
        kind = _FUNCTIONS.get(node.name.lower())
        return self._set_type(node, kind) if kind else before[exp.Anonymous](self, node)  # type: ignore[no-any-return]

    metadata[exp.Sub] = metadata[exp.Add] = {"annotator": moved}
    metadata[exp.Literal], metadata[exp.Anonymous] = {"annotator": literal}, {"annotator": called}
    metadata[exp.Cast] = metadata[exp.TryCast] = {"annotator": cast}
    metadata[exp.Div], metadata[exp.UnixToTime] = {"returns": exp.DType.DOUBLE}, {"returns": exp.DType.BIGINT}
    metadata[exp.DateTrunc] = metadata[exp.TimestampTrunc] = {"annotator": _truncated}
    metadata[exp.Split] = {"returns": exp.DataType.build("VARCHAR[]", dialect="duckdb")}
    metadata[exp.Median] = {"annotator": _median}
    for kind in (exp.Round, exp.ArgMax, exp.ArgMin, exp.PercentileDisc):
        metadata[kind] = {"annotator": lambda self, node: self._set_type(node, node.this.type)}
    return metadata


def _median(self: Any, node: exp.Median) -> exp.Expr:
    return self._set_type(node, exp.DType.DOUBLE if node.this.is_type(*_NUMBERS) else node.this.type)  # type: ignore[no-any-return]


def _truncated(self: Any, node: exp.DateTrunc | exp.TimestampTrunc) -> exp.Expr:
    return self._set_type(node, exp.DType.TIMESTAMP if node.this.is_type("date") else node.this.type)  # type: ignore[no-any-return]
