"""A binding with its element: which source fields make which standard column."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from schemas.binding import Binding, UnitFrom
from schemas.contract import Contract
from schemas.element import DataElement
from schemas.elements_view import nearest
from schemas.faults import CitylakeError
from schemas.registry import Registry

RAW = "raw."
"""Prefix of source fields inside the conform pass: a source may use the names of standard columns."""
TEXT = "text."
"""Prefix of cleaned text, before it is typed."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One standard column of a contract."""

    column: str
    element: DataElement
    binding: Binding
    fields: tuple[str, ...]
    zone: str
    sentinels: tuple[str, ...]

    @property
    def text(self) -> str:
        """The column that holds the cleaned text."""
        return TEXT + self.column

    @property
    def codes(self) -> str | None:
        """The code list whose values the column holds."""
        return self.element.codes


def bounds_of(contract: Contract, registry: Registry) -> list[Bound]:
    """The standard columns of ``contract``, whatever its source has. Raises ELEMENT_UNKNOWN."""
    return [_bound(contract, registry, key, binding) for key, binding in contract.fields.items()]


def _bound(contract: Contract, registry: Registry, key: str, binding: Binding) -> Bound:
    element = registry.elements.get(binding.element)
    if element is None:
        near = ", ".join(nearest(binding.element, registry))
        raise CitylakeError("ELEMENT_UNKNOWN", name=binding.element, suggestion=near)
    return Bound(
        column=binding.column or element.symbol,
        element=element,
        binding=binding,
        fields=_fields(key, binding),
        zone=binding.zone or contract.zone or registry.workspace.settings.timezone,
        sentinels=(*contract.sentinels, *binding.sentinels),
    )


def _fields(key: str, binding: Binding) -> tuple[str, ...]:
    if binding.constant is not None:
        return ()
    if binding.source is None:
        return (key,)
    return (binding.source,) if isinstance(binding.source, str) else binding.source


def needs(bound: Bound) -> list[str]:
    """Every source field that the column is made from, units and pairs included."""
    fields = list(bound.fields)
    if bound.binding.join:
        fields += [name for _, name, _, _ in Formatter().parse(bound.binding.join) if name]
    if isinstance(bound.binding.unit, UnitFrom):
        fields.append(bound.binding.unit.field)
    if bound.binding.pair:
        fields.append(bound.binding.pair)
    return list(dict.fromkeys(fields))
