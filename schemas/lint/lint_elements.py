"""Checks of single data elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.text_settings import text_setting_faults
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.element import DataElement
from citylake.schemas.notation import ValueFormat, parse_format
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry
from citylake.schemas.units import resolve_unit, symbol_suffix
from citylake.schemas.words.errors import CitylakeError

_NUMERIC = ("integer", "decimal")
_MEASURED = ("quantity", "amount")
# The kinds of 表示格式 that a type may have; "text" holds n6 too, whose letter is a character class and not a type.
_KINDS: dict[str, tuple[str, ...]] = {
    "string": ("text", "date", "datetime", "time"),
    "integer": ("number", "text"),
    "decimal": ("number", "text"),
    "date": ("date", "text"),
    "datetime": ("datetime", "text"),
    "time": ("time", "text"),
    "boolean": ("boolean", "text"),
    "binary": ("binary", "text"),
    "geometry": ("binary", "text"),
}
_EXAMPLES = {
    "string": "an..50", "integer": "n..9", "decimal": "n..9,2", "date": "YYYYMMDD",
    "datetime": "YYYYMMDDhhmmss", "time": "hhmmss", "boolean": "n1", "binary": "..ul", "geometry": "..ul",
}  # fmt: skip


def check_elements(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every element of the packs and the workspace."""
    for element in registry.elements.values():
        place = registry.places["element", element.id]
        for code, key, values in _faults(element, registry):
            yield LintFault(code, sub_location(place, key), {"element": element.id, "key": key, **values})


ElementFaults = Iterator[tuple[str, str, dict[str, Any]]]


def _faults(element: DataElement, registry: Registry) -> ElementFaults:
    yield from _name_faults(element)
    yield from _code_list_faults(element, registry)
    yield from _measure_faults(element)
    yield from _format_faults(element)
    yield from _indicator_faults(element, registry)
    yield from _meaning_faults(element, registry)
    yield from text_setting_faults(element, element)
    for relation in element.relations:
        if relation.element not in registry.elements:
            unknown = {"name": relation.element, "suggestion": nearest_elements(relation.element, registry)}
            yield "ELEMENT_UNKNOWN", "relations", unknown


def _name_faults(element: DataElement) -> ElementFaults:
    if "." not in element.id:
        yield "NAME_UNGRAMMATICAL", "id", {"name": element.id, "suggestion": f"subject.{element.id}"}
    if element.representation == "number" and element.type in _NUMERIC:
        yield "IDENTIFIER_NUMERIC", "type", {"suggestion": "string"}


def _code_list_faults(element: DataElement, registry: Registry) -> ElementFaults:
    if element.codes and element.codes not in registry.codes:
        near = nearest_words(element.codes, registry.codes)
        yield "CODE_LIST_UNKNOWN", "codes", {"list": element.codes, "suggestion": near}
    if element.representation == "code" and not element.codes:
        yield "CODE_LIST_MISSING", "representation", {"suggestion": nearest_words(element.id, registry.codes)}


def _measure_faults(element: DataElement) -> ElementFaults:
    if element.representation in _MEASURED and not element.unit:
        yield "UNIT_MISSING", "representation", {"suggestion": "CNY" if element.representation == "amount" else "1"}
    if not element.unit:
        return
    try:
        unit = resolve_unit(element.unit)
    except CitylakeError as error:
        yield error.code, "unit", error.values
        return
    suffix = symbol_suffix(unit)
    if element.representation == "quantity" and suffix and suffix not in element.symbol:
        yield "SYMBOL_WITHOUT_UNIT", "symbol", {"unit": unit, "suggestion": f"{element.symbol}_{suffix}"}


def _meaning_faults(element: DataElement, registry: Registry) -> ElementFaults:
    """The words for what may be done with values are for numbers, coordinates and times."""
    temporal, numeric = element.type in ("date", "datetime", "time"), element.type in _NUMERIC
    allowed = {
        "measure": numeric,
        "weight": element.measure == "intensity",
        "frame": element.type == "geometry" or (numeric and element.measure != "flow"),
        "label": temporal,
        "edition": element.type in ("integer", "decimal", "string"),
    }
    for key, right in allowed.items():
        if getattr(element, key) is not None and not right:
            yield "ELEMENT_WORD_MISPLACED", key, {"type": element.type, "measure": element.measure or "–"}
    for key in ("weight", "edition"):
        name = getattr(element, key)
        if name is not None and name not in registry.elements:
            yield "ELEMENT_UNKNOWN", key, {"name": name, "suggestion": nearest_elements(name, registry)}
    weight = registry.elements.get(element.weight) if element.weight else None
    if weight and weight.measure not in ("stock", "flow"):
        yield "WEIGHT_NOT_ADDITIVE", "weight", {"weight": weight.id}


def _format_faults(element: DataElement) -> ElementFaults:
    if not element.format:
        return
    try:
        parsed = parse_format(element.format)
    except CitylakeError as error:
        yield error.code, "format", {**error.values, "suggestion": _EXAMPLES[element.type]}
        return
    if not _agrees(element, parsed):
        mismatch = {"format": element.format, "type": element.type, "suggestion": _EXAMPLES[element.type]}
        yield "FORMAT_TYPE_MISMATCH", "format", mismatch


def _agrees(element: DataElement, parsed: ValueFormat) -> bool:
    if parsed.kind not in _KINDS[element.type]:
        return False
    if element.type in _NUMERIC and parsed.characters not in ("n", None):
        return False
    return element.type != "integer" or not parsed.scale


def _indicator_faults(element: DataElement, registry: Registry) -> ElementFaults:
    """An indicator has exactly two values, which its code list or its note gives."""
    if element.representation != "indicator":
        return
    codes = registry.codes.get(element.codes) if element.codes else None
    documented = len({value.code for value in codes.values}) == 2 if codes else bool(element.note)
    if not documented:
        yield "INDICATOR_WITHOUT_PAIR", "representation", {"suggestion": "note: 1-是, 0-否"}
