"""The columns of a dataset's standard table, by its contract."""

from __future__ import annotations

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry


def elements_by_column(contract: Contract, registry: Registry) -> dict[str, DataElement]:
    """The element behind each standard column, as far as the elements are known."""
    known = ((binding, registry.elements.get(binding.element)) for binding in contract.fields.values())
    return {binding.column or element.symbol: element for binding, element in known if element}


def contract_columns(contract: Contract, registry: Registry) -> set[str] | None:
    """The columns of the standard table that rules and keys may name.

    None if a binding has an unknown element: that is reported at the binding, and not again at each use of its column.
    """
    columns: set[str] = set()
    for binding in contract.fields.values():
        element = registry.elements.get(binding.element)
        column = binding.column or (element.symbol if element else None)
        if column is None:
            return None
        columns |= {column, *(f"{column}_{name}" for name in binding.extra_columns)}
    return columns | ({"valid_from", "valid_to"} if contract.write.mode == "snapshot" else set())
