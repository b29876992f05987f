"""Checks of a contract's bindings: does every field become its element?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.binding import Binding, UnitFrom
from schemas.contract import Contract
from schemas.element import DataElement
from schemas.elements_view import nearest
from schemas.faults import CitylakeError
from schemas.lint.codes import accepts, near_codes
from schemas.lint.fault import Fault
from schemas.lint.places import contract_place
from schemas.nearest import nearest_words
from schemas.registry import Registry
from schemas.units import conversion, unit_of

_SHIFTED = ("GCJ-02", "BD-09")
Found = Iterator[tuple[str, str, dict[str, Any]]]


def check_bindings(registry: Registry) -> Iterator[Fault]:
    """Every fault of every binding."""
    for contract in registry.contracts.values():
        for field, binding in contract.fields.items():
            for code, key, values in _faults(registry, contract, field, binding):
                place = contract_place(registry, contract.dataset, "fields", field, key)
                yield Fault(code, place, {"field": field, "key": key, **values})
        yield from _columns_twice(registry, contract)


def _faults(registry: Registry, contract: Contract, field: str, binding: Binding) -> Found:
    element = registry.elements.get(binding.element)
    if element is None:
        yield "ELEMENT_UNKNOWN", "element", {"name": binding.element, "suggestion": nearest(binding.element, registry)}
        return
    # A zone that everything has by default was said by nobody.
    zoned = binding.zone or contract.zone or "timezone" in registry.workspace.settings.model_fields_set
    yield from _timed(contract, binding, element, zoned=bool(zoned))
    yield from _measured(binding, element)
    yield from _framed(contract, field, binding, element, registry)
    yield from _coded(registry, binding, element)


def _timed(contract: Contract, binding: Binding, element: DataElement, *, zoned: bool) -> Found:
    if binding.label and not (binding.period or element.period):
        yield "LABEL_WITHOUT_PERIOD", "label", {"element": element.id, "suggestion": "period: 1h"}
    if element.type != "datetime" or binding.constant is not None:
        return
    if binding.format is None:
        yield "TIME_FORMAT_MISSING", "element", {"element": element.id, "suggestion": "format: '%Y-%m-%d %H:%M:%S'"}
    # Seconds since the epoch, and texts that carry their offset, are instants already.
    absolute = binding.format is not None and ("epoch" in binding.format or "%z" in binding.format)
    if not (zoned or absolute):
        zone = contract.schedule.timezone if contract.schedule else "Asia/Shanghai"
        yield "ZONE_MISSING", "element", {"element": element.id, "suggestion": f"zone: {zone}"}


def _measured(binding: Binding, element: DataElement) -> Found:
    for unit in _units(binding):
        try:
            if element.unit is None:
                yield "UNIT_UNEXPECTED", "unit", {"unit": unit_of(unit), "element": element.id}
            else:
                conversion(unit_of(unit), element.unit, element.gas)
        except CitylakeError as error:
            # An element whose own unit is unknown is told at the element.
            if error.values.get("unit") != element.unit:
                yield error.code, "unit", dict(error.values)


def _units(binding: Binding) -> list[str]:
    if isinstance(binding.unit, UnitFrom):
        return list(binding.unit.names.values())
    return [] if binding.unit is None else [binding.unit]


def _framed(contract: Contract, field: str, binding: Binding, element: DataElement, registry: Registry) -> Found:
    if binding.pair and binding.pair not in _sources(contract):
        near = nearest_words(binding.pair, contract.fields)
        yield "PAIR_UNKNOWN", "pair", {"pair": binding.pair, "suggestion": near}
    if binding.frame in _SHIFTED and not binding.pair:
        other = _other_coordinate(contract, field, element, registry)
        yield "FRAME_WITHOUT_PAIR", "frame", {"frame": binding.frame, "suggestion": other}


def _sources(contract: Contract) -> set[str]:
    named = {binding.source for binding in contract.fields.values() if isinstance(binding.source, str)}
    return named | contract.fields.keys()


def _other_coordinate(contract: Contract, field: str, element: DataElement, registry: Registry) -> list[str]:
    """Other fields in the same unit: a longitude's other half is in degrees too."""
    others = {name: registry.elements.get(each.element) for name, each in contract.fields.items() if name != field}
    return [name for name, other in others.items() if other and other.unit == element.unit]


def _coded(registry: Registry, binding: Binding, element: DataElement) -> Found:
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
        if not accepts(codes, code):
            values = {"word": word, "code": code, "list": codes.id, "suggestion": near_codes(code, codes)}
            yield "CODE_TARGET_UNKNOWN", "codes", values


def _columns_twice(registry: Registry, contract: Contract) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for field, binding in contract.fields.items():
        element = registry.elements.get(binding.element)
        column = binding.column or (element.symbol if element else None)
        if column in first:
            values = {"field": field, "column": column, "first": first[column], "suggestion": f"as: {column}_2"}
            yield Fault("COLUMN_TWICE", contract_place(registry, contract.dataset, "fields", field), values)
        elif column:
            first[column] = field
