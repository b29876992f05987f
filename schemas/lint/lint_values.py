"""Checks of the words that a binding has for values: number styles, factors, words, signs, spans and precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.binding_words import UnitFrom, ZoneFrom
from citylake.schemas.model.element import DataElement, GasProperties
from citylake.schemas.notation.time_format import format_precision, is_instant_format, split_formats
from citylake.schemas.read.registry import Registry
from citylake.schemas.units import is_mass_concentration, resolve_unit, unit_conversion
from citylake.schemas.words.errors import CitylakeError

_NUMBER_CLEANING = ("thousands", "digits", "accounting")
_NUMBER_TYPES, _TIME_TYPES = ("integer", "decimal"), ("date", "datetime")
ValueFaults = Iterator[tuple[str, str, dict[str, Any]]]


def check_values(registry: Registry) -> Iterator[LintFault]:
    """Words that mean nothing for their element, or contradict each other."""
    for contract in registry.contracts.values():
        for field, binding in contract.fields.items():
            element = registry.elements.get(binding.element)
            for code, key, values in _faults(binding, element) if element else ():
                place = contract_location(registry, contract.dataset, "fields", field, key)
                yield LintFault(code, place, {"field": field, "key": key, "element": binding.element, **values})


def _faults(binding: Binding, element: DataElement) -> ValueFaults:
    for key, types in _words_with_types(binding):
        if element.type not in types or element.codes:
            listed = ", ".join(types)
            instead = "codes" if key == "words" and element.codes else listed
            yield "WORD_NOT_FOR_TYPE", key, {"type": element.type, "types": listed, "suggestion": instead}
    yield from _sign_faults(binding)
    yield from _precision_faults(binding, element)
    yield from _gas_faults(binding, element)
    yield from _text_faults(binding)


def _text_faults(binding: Binding) -> ValueFaults:
    for key, other in _exclusive_words(binding):
        yield "WORDS_EXCLUSIVE", key, {"other": other, "suggestion": f"{key}, {other}"}
    for word in binding.words:
        if word in binding.sentinels:
            yield "WORD_IS_SENTINEL", "words", {"word": word, "suggestion": "sentinels"}
    split = binding.split
    if split and split.of is not None and split.part >= split.of:
        values = {"part": split.part, "of": split.of, "suggestion": f"part: {split.of - 1}"}
        yield "SPLIT_PART_UNKNOWN", "split", values


def _exclusive_words(binding: Binding) -> Iterator[tuple[str, str]]:
    """``≥ 5`` is an interval or has a sign; hours that are counted or marked need one zone for all rows."""
    if binding.interval and binding.qualifier:
        yield "interval", "qualifier"
    if isinstance(binding.zone, ZoneFrom):
        yield from (("zone", other) for other in ("hours", "repeated") if getattr(binding, other))


def _words_with_types(binding: Binding) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key in ("decimal", "thousands", "words", "factor", "gas"):
        if getattr(binding, key) not in (None, {}):
            yield key, _NUMBER_TYPES
    if binding.qualifier:
        yield "qualifier", _NUMBER_TYPES
    if binding.label == "end":
        # A date has no start that a label could move; it would stay the day after.
        yield "label", ("datetime",)
    if set(binding.clean).intersection(_NUMBER_CLEANING[1:]):
        yield "clean", _NUMBER_TYPES
    if binding.interval:
        yield "interval", _NUMBER_TYPES
    for key in ("precision", "span"):
        if getattr(binding, key):
            yield key, _TIME_TYPES
    if isinstance(binding.zone, ZoneFrom):
        yield "zone", ("datetime",)


def _sign_faults(binding: Binding) -> ValueFaults:
    thousands = "," if "thousands" in binding.clean else binding.thousands
    decimal = binding.decimal or ("," if thousands == "." else ".")
    if thousands and (decimal == thousands or binding.thousands not in (None, thousands)):
        other = "." if decimal == "," else ","
        key = "decimal" if binding.decimal else "thousands" if binding.thousands else "clean"
        suggestion = f'decimal: "{decimal}", thousands: "{other}"'
        yield "NUMBER_SIGNS_CONFLICT", key, {"decimal": decimal, "thousands": thousands, "suggestion": suggestion}


def _precision_faults(binding: Binding, element: DataElement) -> ValueFaults:
    forms = split_formats(binding.format) if binding.format else []
    if element.type == "date" and not binding.precision:
        found = list(dict.fromkeys(format_precision(form) for form in forms if not is_instant_format(form)))
        if len(found) > 1 and not {"year", "month"}.isdisjoint(found):
            yield "PRECISION_LOST", "format", {"precisions": ", ".join(found), "suggestion": "precision: true"}
    if binding.precision and len({format_precision(form) for form in forms}) < 2:
        yield "PRECISION_CONSTANT", "precision", {"suggestion": 'format: "%Y-%m-%d||%Y-%m||%Y"'}


def _gas_faults(binding: Binding, element: DataElement) -> ValueFaults:
    own, other = element.gas, binding.gas
    if other and own is None and other.molar_mass_g_mol is None:
        yield "GAS_WITHOUT_SPECIES", "gas", {"suggestion": "molar_mass_g_mol: 46.0055"}
    if own and own.complete and other and other.complete_with(own) != own and _has_no_state(binding):
        state = f"gas: {{temperature_k: {own.temperature_k:g}, pressure_hpa: {own.pressure_hpa:g}}}"
        yield "GAS_STATE_DIFFERS", "gas", {"state": state, "suggestion": state}
    merged = other.complete_with(own) if other else own
    if merged is None or merged.complete or merged.molar_mass_g_mol is None:
        return
    stated = merged.model_copy(update={"temperature_k": 298.15})
    units = list(binding.unit.names.values()) if isinstance(binding.unit, UnitFrom) else [binding.unit]
    if any(unit and _needs_state(unit, element, stated) for unit in units):
        yield "GAS_STATE_MISSING", "unit", {"suggestion": "gas: {temperature_k: 298.15, pressure_hpa: 1013.25}"}


def _has_no_state(binding: Binding) -> bool:
    """Whether the source's unit is a share by volume, which is the same at every reference state."""
    with suppress(CitylakeError):
        return isinstance(binding.unit, str) and not is_mass_concentration(resolve_unit(binding.unit))
    return False


def _needs_state(unit: str, element: DataElement, stated: GasProperties) -> bool:
    """Whether the unit can be converted only with a reference state."""
    try:
        unit_conversion(resolve_unit(unit), element.unit or "", stated)
    except CitylakeError:
        return False
    try:
        unit_conversion(resolve_unit(unit), element.unit or "", None)
    except CitylakeError:
        return True
    return False
