"""The zone whose calendar days a dataset has, which need not be the zone in which its times are written."""

from __future__ import annotations

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.notation.zone_kinds import is_place_zone
from citylake.schemas.read.registry import Registry


def _zone_name(binding: Binding) -> str | None:
    """The binding's zone; None if each row names its own."""
    return binding.zone if isinstance(binding.zone, str) else None


def text_zone(binding: Binding, contract: Contract, registry: Registry) -> str:
    """The zone of the binding's times without an offset."""
    return _zone_name(binding) or contract.zone or registry.workspace.settings.timezone


def day_zone(binding: Binding, contract: Contract, registry: Registry) -> str:
    """The zone of the binding's days: that of a place that the binding or the contract names, else the workspace's."""
    named = (zone for zone in (_zone_name(binding), contract.zone) if zone and is_place_zone(zone))
    return next(named, registry.workspace.settings.timezone)


def partition_zones(contract: Contract, registry: Registry) -> set[str]:
    """The zones whose days may be partitions of the table; earlier versions took the zone of the texts."""
    binding = _partition_binding(contract, registry)
    return {text_zone(binding, contract, registry), day_zone(binding, contract, registry)} if binding else set()


def partition_day_zone(contract: Contract, registry: Registry) -> str:
    """The zone of the days that are partitions of the table; the workspace's if it has none."""
    binding = _partition_binding(contract, registry)
    return day_zone(binding, contract, registry) if binding else registry.workspace.settings.timezone


def other_text_zone(contract: Contract, registry: Registry) -> str:
    """The zone in which the times of the partition are written, if its days are not the table's; else empty.

    A file by the day is then complete for days of the one zone or of the other.
    """
    binding = _partition_binding(contract, registry)
    zone = text_zone(binding, contract, registry) if binding else ""
    return zone if binding and zone != day_zone(binding, contract, registry) else ""


def _partition_binding(contract: Contract, registry: Registry) -> Binding | None:
    column = (contract.write.partition or "").partition("(")[2].rstrip(")")
    for binding in contract.fields.values():
        element = registry.elements.get(binding.element)
        if element and element.type == "datetime" and (binding.column or element.symbol) == column:
            return binding
    return None
