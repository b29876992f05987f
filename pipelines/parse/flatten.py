"""A nested record as flat columns: members joined by dots, list items by their index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    yield from _exploded(record, explode.split("."), "")


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


def _exploded(value: Any, keys: Sequence[str], path: str) -> Iterator[Row]:
    """A row for every item of the list at ``keys``; a list on the way makes rows too, also of items without any."""
    if value is None:
        return
    if not keys:
        yield from (flat(item, path) for item in (value if isinstance(value, list) else [value]))
    elif isinstance(value, list):
        for item in value:
            yield from list(_exploded(item, keys, path)) or [flat(item, path, skip=".".join((path, *keys)))]
    elif isinstance(value, dict) and keys[0] in value:
        inner = f"{path}.{keys[0]}" if path else keys[0]
        outer = flat(value, path, skip=inner)
        for row in _exploded(value[keys[0]], keys[1:], inner):
            yield outer | row
    else:
        raise NoListError(path, *keys)
