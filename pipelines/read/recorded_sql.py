"""The SQL of a query as the ledger keeps it: without what looks like an identifier of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import duckdb

_PATTERNS: Final = (
    # The longer ones first: a mobile number may be a part of them.
    ("email", re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")),
    ("id_number", re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![0-9A-Za-z])")),
    ("id_number", re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}\d{2}[01]\d[0-3]\d{4}(?![0-9A-Za-z])")),
    ("card_number", re.compile(r"(?<![0-9A-Za-z])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}([ -]?\d{1,3})?(?![0-9A-Za-z])")),
    ("mobile", re.compile(r"(?<![0-9A-Za-z])((\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])")),
    ("passport", re.compile(r"(?<![0-9A-Za-z])[EeGgDdSsPpHhKk][A-Za-z]?\d{7,8}(?![0-9A-Za-z])")),
)
_LONG_NUMBER: Final = 5
"""Digits from which a number may be one of a person, where every literal is masked."""
UNREADABLE: Final = "(SQL that cannot be read)"


def recorded_sql(sql: str, *, personal: bool = False) -> str:
    """The SQL with ``<id_number>``, ``<mobile>`` and so on in place of what looks like one, comments included.

    Patterns know no names of people: with ``personal`` every text and long number is ``?``, and comments are left out.
    """
    text = _without_literals(sql) if personal else sql
    for kind, pattern in _PATTERNS:
        text = pattern.sub(f"<{kind}>", text)
    return text


def _without_literals(sql: str) -> str:
    try:
        duckdb.extract_statements(sql)
    except duckdb.Error:
        # Where a text does not end, a literal is no token.
        return UNREADABLE
    return " ".join(_masked_tokens(sql))


def _masked_tokens(sql: str) -> Iterator[str]:
    text, tokens = sql.encode(), duckdb.tokenize(sql)
    ends = (*(place for place, _ in tokens[1:]), len(text))
    for (start, kind), end in zip(tokens, ends, strict=False):
        token = text[start:end].decode(errors="replace")
        if kind == duckdb.token_type.string_const:
            yield "'?'"
        elif kind == duckdb.token_type.numeric_const:
            yield "?" if sum(map(str.isdigit, token)) >= _LONG_NUMBER else _first(token)
        else:
            yield _first(token)


def _first(token: str) -> str:
    """The token without what follows it: a comment belongs to no token."""
    quoted = re.match(r'"(?:[^"]|"")*"', token)
    return quoted[0] if quoted else re.split(r"\s|--|/\*", token, maxsplit=1)[0]
