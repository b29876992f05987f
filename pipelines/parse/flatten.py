"""A nested record as flat columns: members joined by dots, list items by their index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.parse.jsonstream import RepeatedMemberError

Row = dict[str, str | None]


class NoListError(Exception):
    """There is no list to explode at the path."""


def rows(record: Any, explode: str | None) -> Iterator[Row]:
    """The rows of one record; raises RepeatedMemberError, or NoListError where ``explode`` is absent."""
    if explode is None:
        yield flat(record)
        return
    inner = _inner(record, explode)
    outer = flat(record, skip=explode)
    for item in inner:
        yield outer | flat(item, explode)


def flat(value: Any, prefix: str = "", skip: str | None = None) -> Row:
    """Every leaf of ``value`` as text; a bare value is the column ``value``. Empty lists and objects hold nothing."""
    row: Row = {}
    _into(row, value, prefix, skip)
    return row


def _into(row: Row, value: Any, path: str, skip: str | None) -> None:
    if skip is not None and path == skip:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            _into(row, member, f"{path}.{name}" if path else name, skip)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _into(row, item, f"{path}.{index}" if path else str(index), skip)
    else:
        column = path or "value"
        if column in row:
            raise RepeatedMemberError(column)
        row[column] = _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _inner(record: Any, path: str) -> list[Any]:
    found = record
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            raise NoListError(path)
        found = found[key]
        if found is None:
            return []
    return found if isinstance(found, list) else [found]
