"""Checks of regular expressions, wherever a declaration may hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.catalogue import words_of
from schemas.formats import CsvFormat, XlsxFormat
from schemas.lint.fault import Fault
from schemas.lint.places import at
from schemas.registry import Place, Registry

# Columns are matched in linear time, by an engine that cannot look around or back.
_BACKTRACKING = re.compile(r"\(\?<?[=!]|(?<!\\)\\[1-9]")


def check_patterns(registry: Registry) -> Iterator[Fault]:
    """Every regular expression that is none."""
    for place, pattern in _patterns(registry):
        try:
            re.compile(pattern)
        except re.error as error:
            yield Fault("PATTERN_UNREADABLE", place, {"pattern": pattern, "reason": str(error)})
    for element in registry.elements.values():
        if element.pattern and _BACKTRACKING.search(element.pattern):
            values = {"pattern": element.pattern, "reason": words_of("lint.backtracking")}
            yield Fault("PATTERN_UNREADABLE", at(registry.places["element", element.id], "pattern"), values)


def _patterns(registry: Registry) -> Iterator[tuple[Place, str]]:
    for element in registry.elements.values():
        if element.pattern:
            yield at(registry.places["element", element.id], "pattern"), element.pattern
    for contract in registry.contracts.values():
        place, source = registry.places["dataset", contract.dataset], contract.source
        if source.name_fields:
            yield at(place, "source", "name_fields"), source.name_fields
        if isinstance(source.format, CsvFormat | XlsxFormat) and source.format.footer:
            yield at(place, "source", "format", "footer"), source.format.footer
