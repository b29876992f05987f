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
REFUSED_COLUMN = "_refused"
"""The columns of a standard row whose values were refused, joined by commas; null if there are none."""


def elements_by_column(contract: Contract, registry: Registry) -> dict[str, DataElement]:
    """The element behind each standard column, as far as the elements are known."""
    known = ((binding, registry.elements.get(binding.element)) for binding in contract.fields.values())
    return {binding.column or element.symbol: element for binding, element in known if element}


def derived_columns(column: str, binding: Binding, element: DataElement | None) -> dict[str, ElementType]:
    """The columns that a binding makes beside its own, with their types."""
    derived: dict[str, ElementType] = {
        f"{column}_{name}": element.type if element and name in ("min", "max") else "string"
        for name in extra_columns(binding)
    }
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


def row_columns(contract: Contract, registry: Registry) -> set[str] | None:
    """The columns that a row has when the rules judge it: with its partition, without the validity of a register.

    None as for :func:`contract_columns`.
    """
    columns = contract_columns(contract, registry)
    made = {"valid_from", "valid_to"} if contract.write.effective else set[str]()
    partition = {f"_{contract.write.partition.partition('(')[0]}"} if contract.write.partition else set[str]()
    return None if columns is None else columns - (made - elements_by_column(contract, registry).keys()) | partition


def extra_columns(binding: Binding) -> tuple[str, ...]:
    """The ends of the names of the columns that a binding makes beside its own."""
    named = {
        "qualifier": binding.qualified,
        "precision": binding.precision,
        "min": binding.interval,
        "max": binding.interval,
        "flag": binding.flag is not None,
    }
    return tuple(name for name, there in named.items() if there)


def can_refuse_values(contract: Contract) -> bool:
    """Whether the standard table has ``_refused``."""
    by_binding = any(binding.refuse == "value" for binding in contract.fields.values())
    return by_binding or any(rule.refuse for rule in contract.rules)
