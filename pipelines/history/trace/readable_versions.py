"""The version of a Delta table that a build read, or the first one after it whose files are still there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from deltalake.exceptions import DeltaError

from citylake.pipelines.lake.delta_table import delta_version, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake

if TYPE_CHECKING:
    from deltalake import DeltaTable

_MOST_TRIED = 40


def readable_version(lake: Lake, root: str, wanted: int, by_day: str | None, days: Collection[date] | None) -> int:
    """Return ``wanted``, if its files of ``days`` are there, else the next version of which they are; -1: no table.

    A file that was merged into another, or replaced, is deleted some days later. The version after the merge has the
    same rows.
    """
    now = delta_version(lake, root)
    if wanted < 0 or now < 0:
        return -1
    if wanted >= now:
        return now
    for version in range(wanted, min(now, wanted + _MOST_TRIED)):
        if _is_readable(lake, root, version, by_day, days):
            return version
    return now


def _is_readable(lake: Lake, root: str, version: int, by_day: str | None, days: Collection[date] | None) -> bool:
    try:
        table = open_delta_if_exists(lake, root, version)
    except (DeltaError, OSError):
        return False
    return table is not None and all(map(lake.fs.exists, _files(table, by_day, days)))


def _files(table: DeltaTable, by_day: str | None, days: Collection[date] | None) -> list[str]:
    if by_day is None or days is None or by_day not in table.metadata().partition_columns:
        return table.file_uris()
    if not days:
        return []
    return table.file_uris(file_pruning_predicate=[(by_day, "in", sorted(day.isoformat() for day in days))])
