"""What SQL of a user may say: statements that read tables, and no function that reads anything else.

DuckDB itself refuses files, addresses and settings (``confined_connection``). This gate says so before it runs, and
keeps out what DuckDB does not refuse: SQL in a text, which no record shows, and the log, which can end the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal

import duckdb

from citylake.schemas.sql.outside_access import is_outside_function
from citylake.schemas.words.errors import CitylakeError

Reason = Literal["statement", "temporary", "function", "engine"]
_READING: Final = ("SELECT", "EXPLAIN")
_TEMPORARY = re.compile(r"create (or replace )?temp(orary)? (table|view|macro|function)\b")
_NAME = re.compile(r'"((?:[^"]|"")*)"|\w+')


def check_query(mart: str, sql: str) -> None:
    """Refuse a statement that does not only read. SQL that cannot be parsed passes: DuckDB explains it best.

    Allowed are SELECT in all its forms (WITH, FROM, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE), EXPLAIN, and CREATE TEMP
    TABLE, VIEW or MACRO, which end with the connection. Raises QUERY_NOT_ALLOWED.
    """
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        if isinstance(error, duckdb.ParserException):
            return
        # IMPORT reads its files at once, and for UPDATE EXTENSIONS the library has no type.
        raise not_allowed(mart, " ".join(_words(sql)[:2]), "statement") from error
    for statement in statements:
        kind = statement.type.name
        words = " ".join(_words(statement.query)[:5])
        # The types that PIVOT makes for itself are statements without a text.
        if kind == "CREATE" and words and not _TEMPORARY.match(words):
            raise not_allowed(mart, "CREATE", "temporary")
        if kind not in (*_READING, "CREATE"):
            raise not_allowed(mart, (words.split(" ")[0] or kind).upper(), "statement")
    if outside := next(filter(is_outside_function, _called(sql)), None):
        raise not_allowed(mart, f"{outside}()", "function")


def not_allowed(mart: str, what: str, reason: Reason) -> CitylakeError:
    """The error for ``what`` a query must not do."""
    from citylake.schemas.words.message_catalogue import translations_of

    why = translations_of(f"query.not_allowed_{reason}")
    return CitylakeError("QUERY_NOT_ALLOWED", mart=mart, what=what, why=why.model_dump() if why else "")


def _words(sql: str) -> list[str]:
    return [name.lower() for name, _ in _tokens(sql)]


def _called(sql: str) -> Iterator[str]:
    """The names before an opening parenthesis, in small letters; comments are no tokens."""
    for (name, _), (_, text) in pairwise(_tokens(sql)):
        if name and text.startswith("("):
            yield name.lower()


def _tokens(sql: str) -> Iterator[tuple[str, str]]:
    """The name that a token is, or an empty text, and the whole token; DuckDB counts in bytes."""
    text, tokens = sql.encode(), duckdb.tokenize(sql)
    ends = (*(place for place, _ in tokens[1:]), len(text))
    # Of a text without tokens, the one end belongs to none.
    for (start, kind), end in zip(tokens, ends, strict=False):
        token = text[start:end].decode(errors="replace")
        named = _NAME.match(token) if kind in (duckdb.token_type.identifier, duckdb.token_type.keyword) else None
        yield (named[1] or named[0] if named else ""), token
