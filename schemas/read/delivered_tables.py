"""The tables of a delivery and their names at the receiver."""

from __future__ import annotations

from citylake.schemas.model.delivery import Delivery
from citylake.schemas.read.registry import Registry


def delivered_names(delivery: Delivery, registry: Registry) -> dict[str, str]:
    """Table → its name at the receiver: what the delivery says, else the mart's table or the dataset with ``_``."""
    kind, name = delivery.subject
    every = list(registry.marts[name].tables) if kind == "mart" else [name]
    chosen = [table for table in every if not delivery.tables or table in delivery.tables]
    said = {table: delivery.tables[table].name for table in chosen if table in delivery.tables}
    return {table: said.get(table) or table.replace(".", "_") for table in chosen}


def delivered_key(delivery: Delivery, table: str, registry: Registry) -> tuple[str, ...]:
    """The columns that tell rows apart; none if nothing does. Of a register, its validity belongs to them."""
    kind, name = delivery.subject
    if kind == "mart":
        return registry.marts[name].tables[table].grain
    write = registry.contracts[name].write
    if write.mode == "snapshot":
        return (*write.key, write.valid.start if write.valid else "valid_from")
    return write.key if write.mode == "upsert" else ()
