"""Checks of a contract's bindings: does every field become its element?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from citylake.schemas.base.declaration import is_calendar_period
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_codes import accepts_code, nearest_codes
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.place_settings import place_setting_faults
from citylake.schemas.lint.text_settings import text_setting_faults
from citylake.schemas.lint.yaml_location import contract_location
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.binding_words import UnitFrom, ZoneFrom
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.place_words import FrameFrom, moves_coordinates
from citylake.schemas.notation.time_format import (
    EPOCH_TICKS,
    format_directives,
    is_instant_format,
    split_formats,
    uses_zone,
)
from citylake.schemas.notation.time_format_faults import find_order_rival, time_format_fault
from citylake.schemas.notation.zone_kinds import changes_clocks
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry
from citylake.schemas.units import resolve_unit, unit_conversion
from citylake.schemas.words.errors import CitylakeError

_UTC = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")
BindingFaults = Iterator[tuple[str, str, dict[str, Any]]]


def check_bindings(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every binding."""
    for contract in registry.contracts.values():
        for field, binding in contract.fields.items():
            for code, key, values in _faults(registry, contract, field, binding):
                place = contract_location(registry, contract.dataset, "fields", field, key)
                yield LintFault(code, place, {"field": field, "key": key, **values})
        yield from _columns_twice(registry, contract)


def _faults(registry: Registry, contract: Contract, field: str, binding: Binding) -> BindingFaults:
    element = registry.elements.get(binding.element)
    if element is None:
        yield (
            "ELEMENT_UNKNOWN",
            "element",
            {"name": binding.element, "suggestion": nearest_elements(binding.element, registry)},
        )
        return
    # The default zone does not count as declared.
    settings = registry.workspace.settings
    inherited = contract.zone or (settings.timezone if "timezone" in settings.model_fields_set else None)
    yield from _time_faults(contract, binding, element, inherited)
    yield from _unit_faults(binding, element)
    yield from _frame_faults(contract, field, binding, element, registry)
    yield from _code_faults(registry, binding, element)
    yield from text_setting_faults(binding, element)


def _time_faults(contract: Contract, binding: Binding, element: DataElement, inherited: str | None) -> BindingFaults:
    if binding.label and not (binding.period or element.period):
        yield "LABEL_WITHOUT_PERIOD", "label", {"element": element.id, "suggestion": "period: 1h"}
    if element.type not in ("date", "datetime", "time") or binding.constant is not None:
        return
    yield from _format_faults(
        binding, element, inherited if isinstance(binding.zone, ZoneFrom) else binding.zone or inherited
    )
    if element.type == "datetime" and binding.format is None:
        yield "TIME_FORMAT_MISSING", "element", {"element": element.id, "suggestion": "format: '%Y-%m-%d %H:%M:%S'"}
    missing = not (binding.zone or inherited) and _depends_on_zone(binding, element)
    if missing or _has_unknown_days(contract, binding, element, inherited):
        zone = contract.schedule.timezone if contract.schedule else inherited or "Asia/Shanghai"
        yield "ZONE_MISSING", "element", {"element": element.id, "suggestion": f"zone: {zone}"}


def _format_faults(binding: Binding, element: DataElement, zone: str | None) -> BindingFaults:
    forms = split_formats(binding.format) if binding.format else []
    if rival := find_order_rival(forms):
        yield "TIME_ORDER_AMBIGUOUS", "format", {"format": rival[0], "other": rival[1], "suggestion": rival[0]}
    for form in forms:
        if form == "duration_hms":
            continue
        if fault := time_format_fault(form, element.type):
            code, values = fault
            yield code, "format", {"format": form, **values}
        elif (word := _hour_word(binding)) and (is_instant_format(form) or format_directives(form).count("H") != 1):
            yield "HOUR_NOT_IN_FORMAT", "format", {"format": form, "word": word, "suggestion": "%Y-%m-%d %H"}
        elif element.type == "datetime" and _is_utc_in_zone(form, binding, zone):
            yield "TIME_ZONE_IGNORED", "format", {"format": form, "suggestion": form.removesuffix("Z") + "%z"}


def _hour_word(binding: Binding) -> str | None:
    """The word of the binding that says which of two local hours a text is."""
    if binding.hours:
        return f"hours: {binding.hours}"
    return f"repeated: [{', '.join(binding.repeated)}]" if binding.repeated else None


def _is_utc_in_zone(form: str, binding: Binding, zone: str | None) -> bool:
    """Whether the texts end with ``Z`` and would be read in a zone that the binding does not name itself."""
    return form.endswith("Z") and "%" in form and binding.zone is None and zone not in _UTC


def _has_unknown_days(contract: Contract, binding: Binding, element: DataElement, inherited: str | None) -> bool:
    """Whether instants end days or months, and only a workspace whose clocks change says of which zone."""
    period = binding.period or element.period or ""
    if binding.label != "end" or not is_calendar_period(period) or uses_zone(binding.format or ""):
        return False
    if binding.zone or contract.zone:
        return False
    return changes_clocks(inherited) if inherited in available_timezones() else period.endswith(("mo", "y"))


def _depends_on_zone(binding: Binding, element: DataElement) -> bool:
    """Whether the instant, or the day of an epoch, depends on the zone."""
    forms = split_formats(binding.format or "")
    if element.type == "datetime":
        return not all(is_instant_format(form) for form in forms)
    return element.type == "date" and any(form in EPOCH_TICKS for form in forms)


def _unit_faults(binding: Binding, element: DataElement) -> BindingFaults:
    gas = binding.gas.complete_with(element.gas) if binding.gas else element.gas
    if gas and gas.temperature_k is None:
        # A missing reference state is a fault of its own: GAS_STATE_MISSING.
        gas = gas.model_copy(update={"temperature_k": 298.15})
    for unit in _units(binding):
        try:
            if element.unit is None:
                yield "UNIT_UNEXPECTED", "unit", {"unit": resolve_unit(unit), "element": element.id}
            else:
                unit_conversion(resolve_unit(unit), element.unit, gas)
        except CitylakeError as error:
            # An element with an unknown unit is reported at the element.
            if error.values.get("unit") != element.unit:
                yield error.code, "unit", dict(error.values)


def _units(binding: Binding) -> list[str]:
    if isinstance(binding.unit, UnitFrom):
        return list(binding.unit.names.values())
    return [] if binding.unit is None else [binding.unit]


def _frame_faults(
    contract: Contract, field: str, binding: Binding, element: DataElement, registry: Registry
) -> BindingFaults:
    if binding.pair and binding.pair not in _sources(contract):
        near = nearest_words(binding.pair, contract.fields)
        yield "PAIR_UNKNOWN", "pair", {"pair": binding.pair, "suggestion": near}
    yield from place_setting_faults(binding, element)
    if isinstance(binding.frame, FrameFrom) or element.type == "geometry" or binding.point:
        return
    if moves_coordinates(binding.frame) and not binding.pair:
        other = _other_coordinate(contract, field, element, registry)
        yield "FRAME_WITHOUT_PAIR", "frame", {"frame": binding.frame, "suggestion": other}


def _sources(contract: Contract) -> set[str]:
    named = {binding.source for binding in contract.fields.values() if isinstance(binding.source, str)}
    return named | contract.fields.keys()


def _other_coordinate(contract: Contract, field: str, element: DataElement, registry: Registry) -> list[str]:
    """Other fields in the same unit: both coordinates of a pair are in degrees."""
    others = {name: registry.elements.get(each.element) for name, each in contract.fields.items() if name != field}
    return [name for name, other in others.items() if other and other.unit == element.unit]


def _code_faults(registry: Registry, binding: Binding, element: DataElement) -> BindingFaults:
    if binding.lookup and binding.lookup not in registry.crosswalks:
        near = nearest_words(binding.lookup, registry.crosswalks)
        yield "CROSSWALK_UNKNOWN", "lookup", {"crosswalk": binding.lookup, "suggestion": near}
    codes = registry.codes.get(element.codes or "")
    if binding.separator and not element.codes:
        yield "SEPARATOR_WITHOUT_CODES", "separator", {"element": element.id}
    if codes is None:
        return
    if codes.table and codes.table.dataset not in registry.contracts:
        near = nearest_words(codes.table.dataset, registry.contracts)
        yield "CODE_TABLE_UNKNOWN", "element", {"list": codes.id, "dataset": codes.table.dataset, "suggestion": near}
    for word, code in binding.codes.items():
        if not accepts_code(codes, code):
            values = {"word": word, "code": code, "list": codes.id, "suggestion": nearest_codes(code, codes)}
            yield "CODE_TARGET_UNKNOWN", "codes", values


def _columns_twice(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    first: dict[str, str] = {}
    for field, binding in contract.fields.items():
        element = registry.elements.get(binding.element)
        column = binding.column or (element.symbol if element else None)
        made = [column, *derived_columns(column, binding, element)] if column else []
        if taken := next((name for name in made if name in first), None):
            values = {"field": field, "column": taken, "first": first[taken], "suggestion": f"as: {column}_2"}
            yield LintFault("COLUMN_TWICE", contract_location(registry, contract.dataset, "fields", field), values)
        else:
            first |= dict.fromkeys(made, field)
