"""The types in which Delta stores what a SELECT returns, and the values that do not fit."""

from __future__ import annotations

from duckdb.sqltypes import DuckDBPyType

from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

_STORED = {
    "utinyint": "SMALLINT",
    "usmallint": "INTEGER",
    "uinteger": "BIGINT",
    "ubigint": "DECIMAL(20,0)",
    "hugeint": "BIGINT",
    "uhugeint": "BIGINT",
    "timestamp_s": "TIMESTAMP",
    "timestamp_ms": "TIMESTAMP",
    "timestamp_ns": "TIMESTAMP",
    **dict.fromkeys(
        ("time", "time_ns", "time with time zone", "interval", "uuid", "enum", "bit", "bignum", "json"), "VARCHAR"
    ),
}
"""Ids of DuckDB types that Delta does not have, or has without part of their values → the types stored instead.

A sum of integers is HUGEINT, and nearly always fits BIGINT; a value that does not is an error of the SELECT.
"""
_UNSTORED = ("union", "variant")
_LIST = ("list", "array")


def stored_duckdb_type(kind: str) -> str | None:
    """The type in which ``kind``, a type of DuckDB, is stored; None if nothing stores it without loss."""
    read = duckdb_sqltype(kind)
    stored = _stored(read)
    return kind if stored == str(read) else stored


def stored_value(name: str, kind: str, stored: str) -> str:
    """SQL for the value of the column ``name`` as ``stored``; a value that does not fit is an error with its text.

    Parquet has no days above the year 262143, and other readers none above
    9999; TIMESTAMP has no nanoseconds.
    """
    column = sql_identifier(name)
    value = f"CAST({column} AS {stored})"
    if stored == "DATE":
        return _refused(f"{value} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'", name, value)
    if kind == "TIMESTAMP_NS":
        return _refused(f"epoch_ns({column}) % 1000 <> 0", name, value)
    return value


def _refused(condition: str, name: str, value: str) -> str:
    text = f"CAST({sql_identifier(name)} AS VARCHAR)"
    message = f"concat('the value ', {text}, ' of ', {sql_literal(name)}, ' cannot be stored')"
    return f"CASE WHEN {condition} THEN error({message}) ELSE {value} END"


def _stored(kind: DuckDBPyType) -> str | None:
    if kind.id in _UNSTORED:
        return None
    if kind.id in _LIST:
        return _nested(kind, "{}[]", 1)
    if kind.id == "map":
        return _nested(kind, "MAP({}, {})", 2)
    if kind.id == "struct":
        parts = {sql_identifier(name): _inner(child) for name, child in kind.children}
        listed = ", ".join(f"{name} {part}" for name, part in parts.items())
        return None if None in parts.values() else f"STRUCT({listed})"
    return _STORED.get("json" if str(kind) == "JSON" else kind.id, str(kind))


def _nested(kind: DuckDBPyType, form: str, count: int) -> str | None:
    parts = [_inner(child) for _, child in kind.children[:count]]
    return None if None in parts else form.format(*parts)


def _inner(kind: object) -> str | None:
    """As ``_stored``, of a part of a nested type, where values that do not fit could not be found."""
    if not isinstance(kind, DuckDBPyType) or kind.id == "timestamp_ns":
        return None
    return _stored(kind)
