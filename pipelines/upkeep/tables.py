"""The Delta tables that a lake has, declared or not."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.delta import exists
from pipelines.lake import Lake
from pipelines.upkeep.folders import names_in

ZONES = ("standard", "quarantine", "ledger", "curated")


@dataclass(frozen=True, slots=True)
class Table:
    """One table's folder; ``place`` is its path below the lake, such as ``standard/traffic.counts``."""

    zone: str
    name: str

    @property
    def place(self) -> str:
        """Its path below the lake."""
        return f"{self.zone}/{self.name}"

    def root(self, lake: Lake) -> str:
        """Its folder."""
        return lake.path(self.zone, *self.name.split("/"))


def table_of(place: str) -> Table:
    """The table at a path below the lake."""
    zone, _, name = place.partition("/")
    return Table(zone, name)


def tables(lake: Lake) -> list[Table]:
    """Every Delta table of the lake."""
    return [table for table in places(lake) if exists(lake, table.root(lake))]


def places(lake: Lake) -> list[Table]:
    """Every folder that is a table, or was to become one."""
    found = [Table(zone, name) for zone in ZONES[:-1] for name in names_in(lake, lake.path(zone))]
    marts = names_in(lake, lake.path("curated"))
    return found + [
        Table("curated", f"{mart}/{name}") for mart in marts for name in names_in(lake, lake.path("curated", mart))
    ]
