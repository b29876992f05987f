"""The value domain (值域) of an element as the text of a cell: a code list, a range, a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_BRACKETS: Final = re.compile(rf"\[\s*({_NUMBER})?\s*[,，]\s*({_NUMBER})?\s*\]")
_BETWEEN: Final = re.compile(rf"({_NUMBER})\s*(?:~|～|–|—|\.\.|至)\s*({_NUMBER})")
_ABOVE, _BELOW = re.compile(rf"(?:≥|>=)\s*({_NUMBER})"), re.compile(rf"(?:≤|<=)\s*({_NUMBER})")
_CODES: Final = re.compile(r"(?:codes|代码集)\s*[:：]\s*(.+)", re.IGNORECASE)
_PATTERN: Final = re.compile(r"(?:pattern|正则)\s*[:：]\s?(.+)", re.IGNORECASE | re.DOTALL)


def write_value_domain(element: DataElement) -> str:
    """The code list, the range and the pattern, a line each; the pattern last, because it may have line breaks."""
    return "\n".join(_parts(element))


def _parts(element: DataElement) -> Iterator[str]:
    if element.codes is not None:
        yield f"codes: {element.codes}"
    if element.range is not None:
        low, high = ("" if bound is None else f"{bound!r}" for bound in element.range)
        yield f"[{low}, {high}]"
    if element.pattern is not None:
        yield f"pattern: {element.pattern}"


def read_value_domain(text: str, registry: Registry) -> dict[str, Any] | None:
    """``codes``, ``range`` and ``pattern``; None if a line is none of them."""
    found: dict[str, Any] = {}
    lines, rest = text, ""
    if start := re.search(r"(?:^|\n)\s*(?=(?:pattern|正则)\s*[:：])", text, re.IGNORECASE):
        lines, rest = text[: start.start()], text[start.end() :]
        if not (pattern := _PATTERN.fullmatch(rest)):
            return None
        found["pattern"] = pattern[1]
    for line in filter(None, map(str.strip, lines.splitlines())):
        part = _read_line(line, registry)
        if part is None or part.keys() & found.keys():
            return None
        found |= part
    return found


def _read_line(line: str, registry: Registry) -> dict[str, Any] | None:
    if matched := _BRACKETS.fullmatch(line) or _BETWEEN.fullmatch(line):
        return {"range": tuple(float(each) if each else None for each in matched.groups())}
    if matched := _ABOVE.fullmatch(line):
        return {"range": (float(matched[1]), None)}
    if matched := _BELOW.fullmatch(line):
        return {"range": (None, float(matched[1]))}
    named = _CODES.fullmatch(line)
    codes = _code_list(named[1].strip() if named else line, registry)
    return {"codes": codes} if codes else {"codes": named[1].strip()} if named else None


def _code_list(text: str, registry: Registry) -> str | None:
    """The list with this id or name; no likeness of names decides."""
    if text in registry.codes:
        return text
    named = [each.id for each in registry.codes.values() if text in (each.name.zh, each.name.en)]
    return named[0] if len(named) == 1 else None
