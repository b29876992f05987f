"""Tables of a published file that are written from declarations: SQL literals, and a comment on every column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.words.message_catalogue import translations_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OUT = "out"
"""The attached database that becomes the file."""
Value = object
"""None, a bool, a number, a text, a date, a time with a zone, or a list or mapping of these."""


def write_info_table(
    connection: DuckDBPyConnection,
    name: tuple[str, ...],
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Value]],
    words: str,
) -> None:
    """Create the table ``name`` of the file with ``columns``: name → DuckDB type.

    ``words``: the message that says what the table is; ``<words>_<column>`` are those of its columns.
    """
    table = sql_identifier(OUT, *name)
    shape = ", ".join(f"{sql_identifier(column)} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE TABLE {table} ({shape})")
    # Literals instead of parameters: DuckDB imports pandas, if installed, to inspect the parameters of a statement.
    written = [f"({', '.join(map(literal, row))})" for row in rows]
    if written:
        connection.execute(f"INSERT INTO {table} VALUES {', '.join(written)}")
    comment_on(connection, "TABLE", (*name,), words)
    for column in columns:
        comment_on(connection, "COLUMN", (*name, column), f"{words}_{column}")


def comment_on(connection: DuckDBPyConnection, kind: str, name: tuple[str, ...], words: str, **values: object) -> None:
    """Set the comment of a table, view or column of the file to a message in both languages, if there is one."""
    if text := translations_of(f"mart_file.{words}"):
        filled = LocalizedText(zh=text.zh.format_map(values), en=text.en.format_map(values))
        connection.execute(f"COMMENT ON {kind} {sql_identifier(OUT, *name)} IS {sql_literal(both_languages(filled))}")


def both_languages(text: LocalizedText) -> str:
    """Return the text in Chinese and English on one line."""
    return f"{text.zh} / {text.en}"


def literal(value: Value) -> str:
    """Return ``value`` as an SQL literal, which DuckDB casts to the type of its column."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, date | datetime):
        return sql_literal(value.isoformat())
    if isinstance(value, Mapping):
        return "MAP {" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return sql_literal(value)
