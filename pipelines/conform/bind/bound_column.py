"""A binding with its element: which source fields make which standard column."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from citylake.schemas.model.binding import Binding, UnitFrom
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

RAW_PREFIX = "raw."
"""Prefix of source fields inside the conform pass: a source may use the names of standard columns."""
TEXT_PREFIX = "text."
"""Prefix of cleaned text, before it is typed."""


@dataclass(frozen=True, slots=True)
class BoundColumn:
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
        return TEXT_PREFIX + self.column

    @property
    def codes(self) -> str | None:
        """The code list whose values the column holds."""
        return self.element.codes


def bind_columns(contract: Contract, registry: Registry) -> list[BoundColumn]:
    """The standard columns of ``contract``, whether or not the source has their fields. Raises ELEMENT_UNKNOWN."""
    return [_bind_column(contract, registry, key, binding) for key, binding in contract.fields.items()]


def _bind_column(contract: Contract, registry: Registry, key: str, binding: Binding) -> BoundColumn:
    element = registry.elements.get(binding.element)
    if element is None:
        near = ", ".join(nearest_elements(binding.element, registry))
        raise CitylakeError("ELEMENT_UNKNOWN", name=binding.element, suggestion=near)
    return BoundColumn(
        column=binding.column or element.symbol,
        element=element,
        binding=binding,
        fields=_binding_fields(key, binding),
        zone=binding.zone or contract.zone or registry.workspace.settings.timezone,
        sentinels=(*contract.sentinels, *binding.sentinels),
    )


def _binding_fields(key: str, binding: Binding) -> tuple[str, ...]:
    if binding.constant is not None:
        return ()
    if binding.source is None:
        return (key,)
    return (binding.source,) if isinstance(binding.source, str) else binding.source


def required_fields(bound: BoundColumn) -> list[str]:
    """Every source field that the column is made from, units, flags and pairs included."""
    fields = cell_fields(bound)
    if isinstance(bound.binding.unit, UnitFrom):
        fields.append(bound.binding.unit.field)
    if bound.binding.flag:
        fields.append(bound.binding.flag.field)
    if bound.binding.pair:
        fields.append(bound.binding.pair)
    return list(dict.fromkeys(fields))


def cell_fields(bound: BoundColumn) -> list[str]:
    """The source fields that the column's text is made from."""
    joined = [name for _, name, _, _ in Formatter().parse(bound.binding.join or "") if name]
    return [*bound.fields, *joined]
