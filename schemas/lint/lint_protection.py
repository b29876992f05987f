"""Checks of ``protect``: only of texts, never laxer than the element, and no mask of a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, Protection
from citylake.schemas.read.column_protection import column_protection
from citylake.schemas.read.registry import Registry

_ORDER: tuple[Protection, ...] = get_args(Protection)


def check_protection(registry: Registry) -> Iterator[LintFault]:
    """Every fault of ``protect``."""
    for element in registry.elements.values():
        if element.sensitivity.protect != "none" and not _is_text(element):
            place = sub_location(registry.places["element", element.id], "sensitivity", "protect")
            yield LintFault("PROTECTION_OF_NO_TEXT", place, {"element": element.id, "type": _kind(element)})
    for contract in registry.contracts.values():
        yield from _check_contract(contract, registry)


def _check_contract(contract: Contract, registry: Registry) -> Iterator[LintFault]:
    valid = (contract.write.valid.start, contract.write.valid.end) if contract.write.valid else ()
    for field, binding in contract.fields.items():
        element = registry.elements.get(binding.element)
        if element is None:
            continue
        place = sub_location(registry.places["dataset", contract.dataset], "fields", field)
        column, own = binding.column or element.symbol, element.sensitivity.protect
        if binding.protect and binding.protect != "none" and not _is_text(element):
            values = {"element": element.id, "type": _kind(element)}
            yield LintFault("PROTECTION_OF_NO_TEXT", sub_location(place, "protect"), values)
        elif binding.protect and _ORDER.index(binding.protect) < _ORDER.index(own):
            values = {"field": field, "given": binding.protect, "element": element.id, "suggestion": own}
            yield LintFault("PROTECTION_LAXER", sub_location(place, "protect"), values)
        if column in (*contract.write.key, *valid) and column_protection(binding, element) == "mask":
            yield LintFault("KEY_MASKED", place, {"column": column, "suggestion": "protect: token"})


def _is_text(element: DataElement) -> bool:
    return element.type == "string" and element.codes is None


def _kind(element: DataElement) -> str:
    return element.type if element.codes is None else element.codes
