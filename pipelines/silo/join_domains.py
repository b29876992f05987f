"""Which columns hold values of the same kind: the same element, the same code list, or a declared reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.registry import Registry

ColumnKind = Literal["identifier", "code", "name", "moment", "day"]
VALUE_KINDS = frozenset({"identifier", "code", "name"})
"""Kinds whose values are compared as they are."""


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column of a standard table by which rows may be joined. Columns of one ``domain`` hold the same values."""

    dataset: str
    column: str
    element: str
    domain: str
    kind: ColumnKind
    type: str


def column_kind(element: DataElement) -> ColumnKind | None:
    """Return how the values of an element may be joined; None if they only measure or describe."""
    if element.type == "datetime":
        return "moment"
    if element.type == "date":
        return "day"
    if element.type not in ("string", "integer"):
        return None
    if element.codes:
        return "code"
    if element.representation in ("number", "code") or element.check_digit:
        return "identifier"
    return "name" if element.representation == "name" and element.type == "string" else None


def element_domains(registry: Registry) -> dict[str, str]:
    """Return the domain of each element: its code list, or itself, joined by references and tables of codes."""
    domains = {each.id: each.codes or each.id for each in registry.elements.values()}
    merged: dict[str, str] = {}
    for one, other in _equal_elements(registry):
        first, second = sorted((_root(merged, domains.get(one, one)), _root(merged, domains.get(other, other))))
        if first != second:
            merged[second] = first
    return {element: _root(merged, domain) for element, domain in domains.items()}


def key_columns(contract: Contract, registry: Registry, domains: Mapping[str, str]) -> list[KeyColumn]:
    """Return the columns of a dataset by which its rows may be joined, in the contract's order."""
    found = []
    for column, element in elements_by_column(contract, registry).items():
        if kind := column_kind(element):
            found.append(KeyColumn(contract.dataset, column, element.id, domains[element.id], kind, element.type))
    return found


def _root(merged: Mapping[str, str], domain: str) -> str:
    while domain in merged:
        domain = merged[domain]
    return domain


def _equal_elements(registry: Registry) -> Iterator[tuple[str, str]]:
    """Elements whose values are the same by declaration: of references, and of tables that are code lists."""
    columns = {name: elements_by_column(each, registry) for name, each in registry.contracts.items()}
    for name, contract in registry.contracts.items():
        for rule in contract.references:
            for here, there in zip(rule.columns, rule.keys, strict=False):
                yield from _comparable(columns[name].get(here), columns.get(rule.dataset, {}).get(there))
    for codes in registry.codes.values():
        element = columns.get(codes.table.dataset, {}).get(codes.table.code) if codes.table else None
        if element:
            yield element.id, codes.id


def _comparable(one: DataElement | None, other: DataElement | None) -> Iterator[tuple[str, str]]:
    if one and other and column_kind(one) in VALUE_KINDS and column_kind(other) in VALUE_KINDS:
        yield one.id, other.id
