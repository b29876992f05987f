"""Lists the Delta tables in a lake, declared or not."""

from __future__ import annotations

from dataclasses import dataclass

from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import list_folder_names

TABLE_ZONES = ("standard", "quarantine", "ledger", "curated")


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One table's folder, such as zone ``standard`` and name ``traffic.counts``, or ``curated`` and ``mart/table``."""

    zone: str
    name: str

    @property
    def place(self) -> str:
        """The path of the table below the lake, such as ``standard/traffic.counts``."""
        return f"{self.zone}/{self.name}"

    def root(self, lake: Lake) -> str:
        """Return the full path of the table's folder."""
        return lake.path(self.zone, *self.name.split("/"))


def parse_table_path(place: str) -> LakeTable:
    """Return the table at a path below the lake."""
    zone, _, name = place.partition("/")
    return LakeTable(zone, name)


def list_lake_tables(lake: Lake) -> list[LakeTable]:
    """Return every Delta table of the lake."""
    return [table for table in list_table_folders(lake) if delta_exists(lake, table.root(lake))]


def list_table_folders(lake: Lake) -> list[LakeTable]:
    """Return every folder of a table, also without a Delta log yet."""
    found = [LakeTable(zone, name) for zone in TABLE_ZONES[:-1] for name in list_folder_names(lake, lake.path(zone))]
    marts = list_folder_names(lake, lake.path("curated"))
    return found + [
        LakeTable("curated", f"{mart}/{name}")
        for mart in marts
        for name in list_folder_names(lake, lake.path("curated", mart))
    ]
