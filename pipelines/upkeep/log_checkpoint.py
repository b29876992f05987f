"""A table's log summed up, so that opening it does not mean reading every commit that there ever was."""

from __future__ import annotations

import json

from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.lake_files import list_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult

COMMITS_PER_CHECKPOINT = 20
"""Commits since the last summary from which another one is worth it."""


def checkpoint_log(lake: Lake, table: LakeTable, *, dry_run: bool = False) -> list[UpkeepResult]:
    """Sum up the log, then drop what is older than Delta keeps it (``delta.logRetentionDuration``, 30 days).

    Not of curated tables: the newest entry of their log says what they were made from. Where the log of a standard
    table ends above the version that a mart was made at, the mart is made in full.
    """
    root = table.root(lake)
    held = open_delta(lake, root)
    if table.zone == "curated" or held.version() - _last_checkpoint(lake, root) < COMMITS_PER_CHECKPOINT:
        return []
    before = list_stored_files(lake, f"{root}/_delta_log")
    if dry_run:
        return [UpkeepResult("checkpoint", table.place, len(before), len(before))]
    held.create_checkpoint()
    held.cleanup_metadata()
    after = list_stored_files(lake, f"{root}/_delta_log")
    old, new = (sum(file.size for file in files) for files in (before, after))
    return [UpkeepResult("checkpoint", table.place, len(before), len(after), old, new)]


def _last_checkpoint(lake: Lake, root: str) -> int:
    """The version that was summed up last; -1 where none was."""
    path = f"{root}/_delta_log/_last_checkpoint"
    return int(json.loads(lake.fs.cat_file(path))["version"]) if lake.fs.exists(path) else -1
