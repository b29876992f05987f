"""Checks of the regular expressions in declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.formats import CsvFormat, XlsxFormat
from citylake.schemas.model.row_filter import field_filters
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.words.message_catalogue import translations_of

# Columns are matched by an engine without look-around and backreferences, in linear time.
_BACKTRACKING = re.compile(r"\(\?<?[=!]|(?<!\\)\\[1-9]")


def check_patterns(registry: Registry) -> Iterator[LintFault]:
    """Every invalid regular expression."""
    for place, pattern in _patterns(registry):
        try:
            re.compile(pattern)
        except re.error as error:
            yield LintFault("PATTERN_UNREADABLE", place, {"pattern": pattern, "reason": str(error)})
        if not {"pattern", "not_pattern"}.isdisjoint(place.keys) and _BACKTRACKING.search(pattern):
            values = {"pattern": pattern, "reason": translations_of("lint.backtracking")}
            yield LintFault("PATTERN_UNREADABLE", place, values)


def _patterns(registry: Registry) -> Iterator[tuple[YamlLocation, str]]:
    for element in registry.elements.values():
        if element.pattern:
            yield sub_location(registry.places["element", element.id], "pattern"), element.pattern
    for contract in registry.contracts.values():
        place, source = registry.places["dataset", contract.dataset], contract.source
        if source.name_fields:
            yield sub_location(place, "source", "name_fields"), source.name_fields
        for field, one in field_filters(contract.where).items():
            yield from (
                (sub_location(place, "where", field, key), pattern)
                for key, pattern in (("pattern", one.pattern), ("not_pattern", one.not_pattern))
                if pattern
            )
        if isinstance(source.format, CsvFormat | XlsxFormat) and source.format.footer:
            yield sub_location(place, "source", "format", "footer"), source.format.footer
        for field, binding in contract.fields.items():
            if binding.split and binding.split.pattern:
                yield sub_location(place, "fields", field, "split", "pattern"), binding.split.pattern
