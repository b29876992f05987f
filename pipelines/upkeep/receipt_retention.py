"""Retention of landing and raw: deletes files past the workspace's retention, and files without a receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.read.quarantine_rows import quarantined_receipts
from citylake.pipelines.upkeep.lake_files import FileGroup, delete_empty_folders, delete_stored_files, group_files
from citylake.pipelines.upkeep.removal_log import record_removals
from citylake.pipelines.upkeep.upkeep_result import UpkeepKind, UpkeepResult, removal_results

ReceiptZone = Literal["landing", "raw"]
ZONE_DEPTH: Mapping[ReceiptZone, int] = {"landing": 4, "raw": 1}
"""Folders from a dataset to a receipt's files: ``<yyyy>/<mm>/<dd>/<receipt>``, or the receipt alone."""


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What is kept: done receipts for ``days`` (None: forever), files without a receipt for ``leftover``."""

    days: int | None
    leftover: timedelta
    receipts: pl.DataFrame
    """As returned by :func:`citylake.pipelines.upkeep.finished_receipts.receipts_with_status`."""
    protected: Collection[str]
    """Ids of receipts that are never deleted."""


def apply_retention(
    context: RunContext, zone: ReceiptZone, dataset: str, keeping: RetentionRule, *, dry_run: bool = False
) -> list[UpkeepResult]:
    """Delete the expired and unreferenced files of one dataset in one zone, and record expired ones in the ledger."""
    root = context.lake.path(zone, dataset)
    files = list_stored_files(context.lake, root)
    groups = {path.rsplit("/", 1)[-1]: group for path, group in group_files(files, ZONE_DEPTH[zone]).items()}
    past, left = _expired_groups(context, dataset, groups, keeping), _leftover_groups(groups, keeping)
    if not dry_run and past:
        removed = {name: {"files": len(each.files), "size_bytes": each.size} for name, each in past.items()}
        record_removals(context, zone, dataset, removed, keeping.days)
    kinds: tuple[tuple[UpkeepKind, dict[str, FileGroup]], ...] = ((zone, past), ("sweep", left))
    found: list[UpkeepResult] = []
    for work, gone in kinds:
        chosen = [file for group in gone.values() for file in group.files]
        if not dry_run:
            delete_stored_files(context.lake, root, chosen)
            delete_empty_folders(context.lake, root, chosen)
        found += removal_results(work, f"{zone}/{dataset}", files, chosen)
    return found


def _expired_groups(
    context: RunContext, dataset: str, groups: Mapping[str, FileGroup], keeping: RetentionRule
) -> dict[str, FileGroup]:
    if keeping.days is None:
        return {}
    before = datetime.now(UTC) - timedelta(days=keeping.days)
    of_dataset = keeping.receipts.filter(pl.col("dataset") == dataset, "done", pl.col("received_at") <= before)
    free = set(of_dataset["id"]) & groups.keys()
    if free:
        free -= quarantined_receipts(context.lake, dataset) | set(keeping.protected)
    return {name: groups[name] for name in sorted(free)}


def _leftover_groups(groups: Mapping[str, FileGroup], keeping: RetentionRule) -> dict[str, FileGroup]:
    before = datetime.now(UTC) - keeping.leftover
    named = {*keeping.receipts["id"], *keeping.protected}
    return {name: group for name, group in groups.items() if name not in named and group.newest <= before}
