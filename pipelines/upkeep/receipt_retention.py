"""Retention of landing and raw: deletes files past the workspace's retention, and files without a receipt.

If the raw zone has only the read record of a receipt, its landed bytes are its text. Both are then deleted together,
once the days of both zones have passed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.parse.read_record import READ_FILE
from citylake.pipelines.read.quarantine_rows import quarantined_receipts
from citylake.pipelines.upkeep.lake_files import FileGroup, delete_empty_folders, delete_stored_files, group_files
from citylake.pipelines.upkeep.removal_log import record_removals
from citylake.pipelines.upkeep.upkeep_result import UpkeepKind, UpkeepResult, removal_results

ReceiptZone = Literal["landing", "raw"]
ZONE_DEPTH: Mapping[ReceiptZone, int] = {"landing": 4, "raw": 1}
"""Folders from a dataset to a receipt's files: ``<yyyy>/<mm>/<dd>/<receipt>``, or the receipt alone."""


@dataclass(frozen=True)
class RetentionRule:
    """What is kept: done receipts for ``days`` (None: forever), files without a receipt for ``leftover``.

    ``other_days``: the days of the other zone, which a receipt with a read record is kept for, too.
    """

    days: int | None
    other_days: int | None
    leftover: timedelta
    receipts: pl.DataFrame
    """As returned by :func:`citylake.pipelines.upkeep.finished_receipts.receipts_with_status`."""
    protected: Collection[str]
    """Ids of receipts that are never deleted."""

    @cached_property
    def named(self) -> frozenset[str]:
        """Ids of all receipts: made once, because every dataset asks, and a year of many datasets has a million."""
        return frozenset(self.receipts["id"]) | frozenset(self.protected)

    @cached_property
    def done(self) -> dict[str, pl.DataFrame]:
        """Dataset → its receipts that are done."""
        parts = self.receipts.filter("done").partition_by("dataset", as_dict=True)
        return {str(key[0]): part for key, part in parts.items()}


def apply_retention(
    context: RunContext, zone: ReceiptZone, dataset: str, keeping: RetentionRule, *, dry_run: bool = False
) -> list[UpkeepResult]:
    """Delete the expired and unreferenced files of one dataset in one zone, and record expired ones in the ledger."""
    root = context.lake.path(zone, dataset)
    files = list_stored_files(context.lake, root)
    groups = {path.rsplit("/", 1)[-1]: group for path, group in group_files(files, ZONE_DEPTH[zone]).items()}
    past, kept = _expired_groups(context, dataset, groups, keeping)
    left = _leftover_groups(groups, keeping)
    if not dry_run and past:
        record_removals(context, zone, dataset, {name: each.removal for name, each in past.items()})
    kinds: tuple[tuple[UpkeepKind, Mapping[str, FileGroup]], ...] = ((zone, past), ("sweep", left))
    found: list[UpkeepResult] = []
    for work, gone in kinds:
        chosen = [file for group in gone.values() for file in group.files]
        if not dry_run:
            delete_stored_files(context.lake, root, chosen)
            delete_empty_folders(context.lake, root, chosen)
        found += removal_results(work, f"{zone}/{dataset}", files, chosen)
    return [*found, *_kept_results(f"{zone}/{dataset}", kept)] if zone == "landing" else found


@dataclass(slots=True)
class _ExpiredGroup(FileGroup):
    days: int = 0
    """The days after which it is deleted."""

    @property
    def removal(self) -> dict[str, int]:
        """What the ledger records of its removal."""
        return {"files": len(self.files), "size_bytes": self.size, "retention_days": self.days}


def _expired_groups(
    context: RunContext, dataset: str, groups: Mapping[str, FileGroup], keeping: RetentionRule
) -> tuple[dict[str, _ExpiredGroup], list[FileGroup]]:
    """What is deleted, and what the other zone's days keep."""
    if keeping.days is None:
        return {}, []
    done = _older_receipts(keeping, dataset, keeping.days) & groups.keys()
    if not done:
        return {}, []
    done -= quarantined_receipts(context.lake, dataset) | set(keeping.protected)
    recorded = _recorded_receipts(context, dataset) & done
    both = None if keeping.other_days is None else max(keeping.days, keeping.other_days)
    older = set() if both is None else _older_receipts(keeping, dataset, both) & recorded
    days = {**dict.fromkeys(done - recorded, keeping.days), **dict.fromkeys(older, both or 0)}
    past = {name: _ExpiredGroup(groups[name].files, days[name]) for name in sorted(days)}
    return past, [groups[name] for name in recorded - older]


def _older_receipts(keeping: RetentionRule, dataset: str, days: int) -> set[str]:
    done = keeping.done.get(dataset)
    before = datetime.now(UTC) - timedelta(days=days)
    return set() if done is None else set(done.filter(pl.col("received_at") <= before)["id"])


def _recorded_receipts(context: RunContext, dataset: str) -> set[str]:
    """The receipts of which the raw zone has only the read record."""
    files = list_stored_files(context.lake, context.lake.path("raw", dataset))
    return {file.path.split("/")[0] for file in files if file.path.endswith(f"/{READ_FILE}")}


def _kept_results(subject: str, kept: Collection[FileGroup]) -> list[UpkeepResult]:
    count, size = sum(len(each.files) for each in kept), sum(each.size for each in kept)
    return [UpkeepResult("kept", subject, count, count, size, size)] if kept else []


def _leftover_groups(groups: Mapping[str, FileGroup], keeping: RetentionRule) -> dict[str, FileGroup]:
    before = datetime.now(UTC) - keeping.leftover
    return {name: group for name, group in groups.items() if name not in keeping.named and group.newest <= before}
