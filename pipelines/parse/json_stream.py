"""Records of a JSON document of any length, one at a time, with every number as its source text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

_CHUNK = 1 << 20
_SPACE = " \t\n\r"
# A decoder that reaches the end of the buffer stops within these last characters (``\uXXXX``, ``-Infinity``).
_MARGIN = 16
_SKIPPED_LEVELS = 3
"""Levels of a value without use whose items are read one by one; those below are small."""


class JsonBrokenError(Exception):
    """Invalid JSON, with the reason, line and column (from 1)."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column


class JsonValueTooLongError(JsonBrokenError):
    """One value is longer than the limit."""


class RepeatedMemberError(ValueError):
    """An object has a member twice."""


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise RepeatedMemberError(next(name for name in names if names.count(name) > 1))
    return found


TEXT_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str, strict=False, object_pairs_hook=_unique_members
)
"""Numbers, NaN and infinities as their source text; raw line ends within strings are accepted."""
NUMBER_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_unique_members)
"""Numbers as numbers."""


class TextSource(Protocol):
    """Anything to read text from; only at the end does it give none."""

    def read(self, size: int, /) -> str:
        """About ``size`` characters."""


class JsonDocument:
    """The text of one document, read as far as needed; ``limit``: characters of one value."""

    def __init__(self, file: TextSource, limit: int) -> None:
        self._file, self._limit = file, limit
        self._text, self._at, self._done = "", 0, False
        self._start = 0
        self._line, self._column = 1, 1
        self.found = False
        """Whether the path of ``records`` exists."""
        self.null = False
        """Whether the value there is null."""

    def records(self, path: str | None) -> Iterator[Any]:
        """The items of the list at ``path``, or the single value there; null gives none. Raises JsonBrokenError."""
        yield from self._at_path(path.split(".") if path else [])
        if self._peek():
            raise self._broken("text after the document", self._at)

    def parted(self, path: str, numbers: str) -> Iterator[dict[str, tuple[Any, str]]]:
        """Like ``records`` for objects: their members, each with its source text.

        Within the member ``numbers``, numbers are numbers. A value that is not an object has no members.
        """
        yield from self._at_path(path.split(".") if path else [], lambda: self._parted(numbers))

    def head(self, stop: str) -> dict[str, Any]:
        """The members of the document (an object) before its member ``stop``. Raises JsonBrokenError."""
        found: dict[str, Any] = {}
        self._take("{")
        while self._peek() != "}":
            name = str(self._value())
            if name == stop:
                break
            self._take(":")
            found[name] = self._value()
            if self._peek() != "}":
                self._take(",")
        return found

    def _parted(self, numbers: str) -> dict[str, tuple[Any, str]]:
        found: dict[str, tuple[Any, str]] = {}
        if self._peek() != "{":
            self._value()
            return found
        self._take("{")
        while self._peek() != "}":
            name = str(self._value())
            if name in found:
                raise RepeatedMemberError(name)
            self._take(":")
            value = self._value(NUMBER_DECODER if name == numbers else TEXT_DECODER)
            found[name] = value, self._last
            if self._peek() != "}":
                self._take(",")
        self._take("}")
        return found

    def _at_path(self, keys: list[str], read: Callable[[], Any] | None = None) -> Iterator[Any]:
        if not keys:
            self.found = True
            yield from self._items(read or self._value)
        elif self._peek() == "{":
            yield from self._member(keys[0], keys[1:], read)
        else:
            self._skip()

    def _skip(self, levels: int = _SKIPPED_LEVELS) -> None:
        """Pass over a value; the items of lists and the members of objects one by one, so that few are in memory."""
        ends = {"[": "]", "{": "}"}
        end = ends.get(self._peek()) if levels else None
        if end is None:
            self._value()
            return
        self._at += 1
        while self._peek() != end:
            if end == "}":
                self._value()
                self._take(":")
            self._skip(levels - 1)
            if self._peek() != end:
                self._take(",")
        self._take(end)

    def _member(self, key: str, rest: list[str], read: Callable[[], Any] | None) -> Iterator[Any]:
        self._take("{")
        seen: set[str] = set()
        while self._peek() != "}":
            name = str(self._value())
            # Other readers silently use the last of two; the rows would then differ from the declared count.
            if name in seen:
                raise RepeatedMemberError(name)
            seen.add(name)
            self._take(":")
            if name == key:
                yield from self._at_path(rest, read)
            else:
                self._skip()
            if self._peek() != "}":
                self._take(",")
        self._take("}")

    def _items(self, read: Callable[[], Any]) -> Iterator[Any]:
        if self._peek() != "[":
            value = read()
            self.null = value is None
            yield from () if value is None else (value,)
            return
        self._take("[")
        yield from self._list_items(read)
        self._take("]")

    def _list_items(self, read: Callable[[], Any]) -> Iterator[Any]:
        while self._peek() != "]":
            yield read()
            if self._peek() != "]":
                self._take(",")

    @property
    def _last(self) -> str:
        """The text of the value that was just read."""
        return self._text[self._start : self._at]

    def _peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._done:
                return ""
            self._refill()

    def _take(self, char: str) -> None:
        if self._peek() != char:
            raise self._broken(f"{char!r} expected", self._at)
        self._at += 1

    def _value(self, decoder: json.JSONDecoder = TEXT_DECODER) -> Any:
        self._peek()
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._done or not self._cut(error):
                    raise self._broken(error.msg, error.pos) from None
                if len(self._text) - self._at >= self._limit:
                    raise self._too_long() from None
            except RecursionError:
                raise self._broken("nested too deeply", self._at) from None
            else:
                # A number at the end of the buffer may continue.
                if end < len(self._text) or self._done:
                    self._start, self._at = self._at, end
                    return value
            self._refill()

    def _cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the value may only be cut by the end of the buffer."""
        return error.pos >= len(self._text) - _MARGIN or error.msg.startswith("Unterminated string")

    def _refill(self) -> None:
        self._leave()
        rest = self._text[self._at :]
        # The buffer is doubled, so that a long value is decoded again only a few times.
        more = self._file.read(max(_CHUNK, min(len(rest), self._limit - len(rest))))
        self._text, self._at, self._done = rest + more, 0, not more

    def _leave(self) -> None:
        """Note the place of the text that is left after what was read."""
        self._line, self._column = self._place(self._at)

    def _place(self, at: int) -> tuple[int, int]:
        passed = self._text[:at]
        ends = passed.count("\n")
        if ends:
            return self._line + ends, at - passed.rfind("\n")
        return self._line, self._column + at

    def _too_long(self) -> JsonValueTooLongError:
        return JsonValueTooLongError(f"a value of more than {self._limit} characters", *self._place(self._at))

    def _broken(self, reason: str, at: int) -> JsonBrokenError:
        return JsonBrokenError(reason, *self._place(at))
