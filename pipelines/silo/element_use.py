"""Which department has which element: bound, not bound but matching, or not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from citylake.pipelines.silo.join_domains import column_kind
from citylake.pipelines.silo.unbound_fields import UnboundField
from citylake.schemas.read.registry import Registry

CellState = Literal["bound", "matching", "absent"]


@dataclass(frozen=True, slots=True)
class ElementUse:
    """One element in every department. ``fields``: ``dataset.field`` by department, of bound or matching fields."""

    element: str
    name: dict[str, str]
    joins: bool
    """Whether its values are identifiers: rows that share a code are not about one thing."""
    states: dict[str, CellState]
    fields: dict[str, tuple[str, ...]]

    @property
    def departments(self) -> int:
        """The number of departments that have bound it."""
        return sum(state == "bound" for state in self.states.values())

    def document(self) -> dict[str, Any]:
        """Return the row ready for JSON, without the departments that do not have the element."""
        cells = {name: {"state": state, "fields": list(self.fields[name])} for name, state in self.states.items()}
        kept = {name: cell for name, cell in cells.items() if cell["state"] != "absent"}
        return {"element": self.element, "name": self.name, "joins": self.joins, "cells": kept}


def departments_of(registry: Registry) -> list[str]:
    """Return the departments that own a dataset, in order."""
    return sorted({contract.owner.department for contract in registry.contracts.values()})


def element_uses(registry: Registry, unbound: Sequence[UnboundField]) -> list[ElementUse]:
    """Return every element that is bound or matches a field: those of most departments first, keys before others."""
    departments = departments_of(registry)
    bound: dict[str, dict[str, list[str]]] = {}
    for contract in sorted(registry.contracts.values(), key=lambda each: each.dataset):
        for field, binding in contract.fields.items():
            if binding.element in registry.elements:
                of = bound.setdefault(binding.element, {}).setdefault(contract.owner.department, [])
                of.append(f"{contract.dataset}.{field}")
    matching: dict[str, dict[str, list[str]]] = {}
    for each in unbound:
        of = matching.setdefault(each.element, {}).setdefault(each.department, [])
        of.append(f"{each.dataset}.{each.field}")
    names = (bound.keys() | matching.keys()) & registry.elements.keys()
    found = [_use(registry, name, departments, bound.get(name, {}), matching.get(name, {})) for name in names]
    return sorted(found, key=lambda each: (-each.departments, not each.joins, each.element))


def _use(
    registry: Registry,
    name: str,
    departments: list[str],
    bound: dict[str, list[str]],
    matching: dict[str, list[str]],
) -> ElementUse:
    states: dict[str, CellState] = {
        each: "bound" if each in bound else "matching" if each in matching else "absent" for each in departments
    }
    fields = {each: tuple(bound.get(each) or matching.get(each) or ()) for each in departments}
    element = registry.elements[name]
    return ElementUse(name, element.name.model_dump(), column_kind(element) == "identifier", states, fields)
