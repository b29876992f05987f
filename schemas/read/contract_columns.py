"""The columns of a dataset's standard table, by its contract."""

from __future__ import annotations

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, ElementType
from citylake.schemas.read.registry import Registry

GEOMETRY_SUFFIXES = (
    "bbox_west_deg",
    "bbox_south_deg",
    "bbox_east_deg",
    "bbox_north_deg",
    "area_m2",
    "point_longitude_deg",
    "point_latitude_deg",
)
"""What is derived from a geometry: its box, its area on the ellipsoid, and a point that lies within it."""


def elements_by_column(contract: Contract, registry: Registry) -> dict[str, DataElement]:
    """The element behind each standard column, as far as the elements are known."""
    known = ((binding, registry.elements.get(binding.element)) for binding in contract.fields.values())
    return {binding.column or element.symbol: element for binding, element in known if element}


def derived_columns(column: str, binding: Binding, element: DataElement | None) -> dict[str, ElementType]:
    """The columns that a binding makes beside its own, with their types."""
    derived: dict[str, ElementType] = {f"{column}_qualifier": "string"} if binding.qualifier else {}
    if element and element.type == "geometry":
        derived |= {f"{column}_{suffix}": "decimal" for suffix in GEOMETRY_SUFFIXES}
    return derived


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
        columns |= {column, *derived_columns(column, binding, element)}
    return columns | ({"valid_from", "valid_to"} if contract.write.mode == "snapshot" else set())
