"""Writes Delta checkpoints, so that opening a table does not read every commit."""

from __future__ import annotations

import json

from citylake.pipelines.lake.delta_log import shorten_log
from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult

COMMITS_PER_CHECKPOINT = 20
"""Minimum number of commits since the last checkpoint for a new one."""


def checkpoint_log(lake: Lake, table: LakeTable, *, dry_run: bool = False) -> list[UpkeepResult]:
    """Write a checkpoint, then delete log entries past ``delta.logRetentionDuration`` (30 days).

    Curated tables are skipped, because the notes in their log record what they were built from. If the log of a
    standard table no longer reaches back to the version that a mart was built from, the mart is rebuilt completely.
    """
    root = table.root(lake)
    held = open_delta(lake, root)
    if table.zone == "curated" or held.version() - _last_checkpoint(lake, root) < COMMITS_PER_CHECKPOINT:
        return []
    before = list_stored_files(lake, f"{root}/_delta_log")
    if dry_run:
        return [UpkeepResult("checkpoint", table.place, len(before), len(before))]
    shorten_log(lake, root, held)
    after = list_stored_files(lake, f"{root}/_delta_log")
    old, new = (sum(file.size for file in files) for files in (before, after))
    return [UpkeepResult("checkpoint", table.place, len(before), len(after), old, new)]


def _last_checkpoint(lake: Lake, root: str) -> int:
    """Return the version of the last checkpoint, or -1 if there is none."""
    path = f"{root}/_delta_log/_last_checkpoint"
    return int(json.loads(lake.fs.cat_file(path))["version"]) if lake.fs.exists(path) else -1
