"""Landing and raw: what may go by the workspace's own words, and what no receipt names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

from pipelines.context import Context
from pipelines.upkeep.done import Done, Work, taken
from pipelines.upkeep.folders import Group, close, files_in, grouped, take_away
from pipelines.upkeep.receipts import open_in_quarantine
from pipelines.upkeep.removals import write_down

Zone = Literal["landing", "raw"]
DEPTH: Mapping[Zone, int] = {"landing": 4, "raw": 1}
"""Folders from a dataset to a receipt's files: ``<yyyy>/<mm>/<dd>/<receipt>``, or the receipt alone."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What stays: ``days`` (None: for good) for receipts that are done with, ``leftover`` for what nobody names."""

    days: int | None
    leftover: timedelta
    receipts: pl.DataFrame
    """As :func:`pipelines.upkeep.receipts.receipts_of` gives them."""
    protected: Collection[str]


def tidy(context: Context, zone: Zone, dataset: str, keeping: Keeping, *, dry_run: bool = False) -> list[Done]:
    """Take away what is too old of one dataset."""
    root = context.lake.path(zone, dataset)
    files = files_in(context.lake, root)
    groups = {path.rsplit("/", 1)[-1]: group for path, group in grouped(files, DEPTH[zone]).items()}
    past, left = _past(context, dataset, groups, keeping), _left(groups, keeping)
    if not dry_run and past:
        told = {name: {"files": len(each.files), "size_bytes": each.size} for name, each in past.items()}
        write_down(context, zone, dataset, told, keeping.days)
    kinds: tuple[tuple[Work, dict[str, Group]], ...] = ((zone, past), ("sweep", left))
    found: list[Done] = []
    for work, gone in kinds:
        chosen = [file for group in gone.values() for file in group.files]
        if not dry_run:
            take_away(context.lake, root, chosen)
            close(context.lake, root, chosen)
        found += taken(work, f"{zone}/{dataset}", files, chosen)
    return found


def _past(context: Context, dataset: str, groups: Mapping[str, Group], keeping: Keeping) -> dict[str, Group]:
    if keeping.days is None:
        return {}
    before = datetime.now(UTC) - timedelta(days=keeping.days)
    of_dataset = keeping.receipts.filter(pl.col("dataset") == dataset, "done", pl.col("received_at") <= before)
    free = set(of_dataset["id"]) & groups.keys()
    if free:
        free -= open_in_quarantine(context.lake, dataset) | set(keeping.protected)
    return {name: groups[name] for name in sorted(free)}


def _left(groups: Mapping[str, Group], keeping: Keeping) -> dict[str, Group]:
    before = datetime.now(UTC) - keeping.leftover
    named = {*keeping.receipts["id"], *keeping.protected}
    return {name: group for name, group in groups.items() if name not in named and group.newest <= before}
