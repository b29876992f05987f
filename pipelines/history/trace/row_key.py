"""The key of a mart's row as people write it: ``column=value``, a JSON object, or the values in the grain's order."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.model.mart import MartTable
from citylake.schemas.words.errors import CitylakeError

_NAMED = re.compile(r"(?P<name>[^\W\d]\w*)=(?P<value>.*)", re.DOTALL)


def parse_row_key(
    where: str, table: MartTable, words: Sequence[str], column: str | None = None
) -> tuple[dict[str, str | None], str | None]:
    """Return the value of each column of the grain, as text, and the one column that is asked for, or None.

    The column may be the last word. ``where``: ``<mart>.<table>``, for messages. Raises TRACE_KEY_COLUMN_UNKNOWN,
    TRACE_KEY_INCOMPLETE, TRACE_KEY_UNREADABLE and TRACE_COLUMN_UNKNOWN.
    """
    given, rest = _given(where, table, list(words))
    if rest and column is None and len(rest) == 1:
        column, rest = rest[0], []
    if rest:
        raise CitylakeError("TRACE_KEY_UNREADABLE", key=" ".join(words), table=where, grain=_listed(table.grain))
    return complete_key(where, table, given), known_column(where, table, column)


def complete_key(where: str, table: MartTable, given: Mapping[str, Any]) -> dict[str, str | None]:
    """The values of the grain's columns as text, in its order; raises as :func:`parse_row_key` does."""
    for name in given:
        if name not in table.grain:
            near = _listed(nearest_words(name, table.grain) or table.grain)
            raise CitylakeError("TRACE_KEY_COLUMN_UNKNOWN", column=name, table=where, suggestion=near)
    if missing := [name for name in table.grain if name not in given]:
        raise CitylakeError(
            "TRACE_KEY_INCOMPLETE",
            table=where,
            missing=_listed(missing),
            example=" ".join(f"{n}=…" for n in table.grain),
        )
    return {name: _text(given[name]) for name in table.grain}


def _given(where: str, table: MartTable, words: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The values by column, and the words that are none."""
    if words and words[0].lstrip().startswith("{"):
        return _from_json(where, table, words[0]), words[1:]
    named = [_NAMED.fullmatch(word) for word in words]
    if any(named) and not _are_values(table, words, named):
        found = {each["name"]: each["value"] for each in named if each}
        return found, [word for word, each in zip(words, named, strict=True) if not each]
    count = len(table.grain)
    return dict(zip(table.grain, words, strict=False)), words[count:]


def _are_values(table: MartTable, words: list[str], named: list[re.Match[str] | None]) -> bool:
    """Whether words that look like ``name=value`` are values, because no name is one of the grain."""
    return (
        len(words) >= len(table.grain)
        and not all(named[: len(table.grain)])
        and not any(each and each["name"] in table.grain for each in named)
    )


def _from_json(where: str, table: MartTable, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except ValueError as error:
        raise CitylakeError("TRACE_KEY_UNREADABLE", key=text, table=where, grain=_listed(table.grain)) from error
    return dict(found)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def known_column(where: str, table: MartTable, column: str | None) -> str | None:
    """The column; raises TRACE_COLUMN_UNKNOWN with the nearest ones."""
    if column is not None and column not in table.columns:
        near = _listed(nearest_words(column, table.columns) or table.columns)
        raise CitylakeError("TRACE_COLUMN_UNKNOWN", column=column, table=where, suggestion=near)
    return column


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    return ", ".join(names)
