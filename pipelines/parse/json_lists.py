"""Lists within a JSON record: joined to one text, or the columns of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class UnevenColumnsError(Exception):
    """The lists that are the columns of a table differ in length."""


@dataclass(slots=True)
class ListJoiner:
    """Joins lists of scalars: ``lists`` is path → separator; lists at and below ``but`` make rows and stay."""

    lists: Mapping[str, str]
    but: str | None = None
    _known: dict[str, str | None] = field(default_factory=dict)

    def joined(self, value: Any, path: str = "") -> Any:
        """``value`` with a text in place of each list that is to be joined."""
        if self.but is not None and (path == self.but or path.startswith(f"{self.but}.")):
            return value
        if isinstance(value, dict):
            return {name: self.joined(member, f"{path}.{name}" if path else name) for name, member in value.items()}
        if not isinstance(value, list):
            return value
        separator = self._separator(path)
        if separator is None or any(isinstance(item, dict | list) for item in value):
            return [self.joined(item, path) for item in value]
        if not value:
            return None if path in self.lists else value
        return _join_items(value, separator)

    def _separator(self, path: str) -> str | None:
        if path not in self._known:
            self._known[path] = next((by for pattern, by in self.lists.items() if _matches(pattern, path)), None)
        return self._known[path]


def _matches(pattern: str, path: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), path) is not None


def _join_items(items: Sequence[Any], separator: str) -> str:
    texts = [json.dumps(item) if isinstance(item, bool) else str(item) for item in items]
    # Joined, such a list would be split into other items.
    if any(item is None or item == "" for item in items) or any(separator in text for text in texts):
        return json.dumps(items, ensure_ascii=False)
    return separator.join(texts)


def rows_of_columns(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of an object whose members are the columns; a member that is no list is the same in every row.

    Raises UnevenColumnsError.
    """
    same, lists = split_columns(table)
    return ({**same, **dict(zip(lists, items, strict=True))} for items in zip(*lists.values(), strict=True))


def split_columns(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The members that are the same in every row, and the columns; raises UnevenColumnsError."""
    lists = {name: member for name, member in table.items() if isinstance(member, list)}
    if len({len(member) for member in lists.values()}) > 1:
        raise UnevenColumnsError(", ".join(f"{name} ({len(member)})" for name, member in lists.items()))
    return {name: member for name, member in table.items() if name not in lists}, lists
