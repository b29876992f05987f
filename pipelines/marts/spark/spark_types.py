"""DuckDB types as Spark has them."""

from __future__ import annotations

from sqlglot import exp

_NAMES = {
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.TINYINT: "TINYINT",
    exp.DType.SMALLINT: "SMALLINT",
    exp.DType.INT: "INT",
    exp.DType.BIGINT: "BIGINT",
    exp.DType.UTINYINT: "SMALLINT",
    exp.DType.USMALLINT: "INT",
    exp.DType.UINT: "BIGINT",
    exp.DType.UBIGINT: "DECIMAL(20, 0)",
    exp.DType.INT128: "DECIMAL(38, 0)",
    exp.DType.FLOAT: "FLOAT",
    exp.DType.DOUBLE: "DOUBLE",
    exp.DType.VARCHAR: "STRING",
    exp.DType.TEXT: "STRING",
    exp.DType.DATE: "DATE",
    exp.DType.TIMESTAMP: "TIMESTAMP_NTZ",
    exp.DType.TIMESTAMPNTZ: "TIMESTAMP_NTZ",
    exp.DType.TIMESTAMPTZ: "TIMESTAMP",
    exp.DType.VARBINARY: "BINARY",
    # Delta and Spark have no time of day: its text compares and sorts as it does.
    exp.DType.TIME: "STRING",
}


def spark_type(kind: exp.DataType) -> str | None:
    """Return Spark's type of the values of ``kind``; None if it has none."""
    if kind.this in (exp.DType.LIST, exp.DType.ARRAY):
        return _nested("ARRAY<{}>", kind.expressions[:1])
    if kind.this == exp.DType.MAP:
        return _nested("MAP<{}, {}>", kind.expressions)
    if kind.this == exp.DType.STRUCT:
        fields = [(part.name, part.args.get("kind")) for part in kind.expressions]
        found = [(name, spark_type(one) if isinstance(one, exp.DataType) else None) for name, one in fields]
        listed = ", ".join(f"`{name}`: {one}" for name, one in found)
        return None if any(one is None for _, one in found) else f"STRUCT<{listed}>"
    if kind.this == exp.DType.DECIMAL:
        numbers = [part.name for part in kind.expressions] or ["18", "3"]
        return f"DECIMAL({', '.join(numbers)})"
    return _NAMES.get(kind.this)


def spark_type_of(text: str) -> str | None:
    """As :func:`spark_type`, of the text of a DuckDB type."""
    return spark_type(exp.DataType.build(text, dialect="duckdb"))


def _nested(form: str, parts: list[exp.Expr]) -> str | None:
    found = [spark_type(part) if isinstance(part, exp.DataType) else None for part in parts]
    return None if None in found else form.format(*found)
