"""A table's log summed up, so that opening it does not mean reading every commit that there ever was."""

from __future__ import annotations

import json

from pipelines.delta import opened
from pipelines.lake import Lake
from pipelines.upkeep.done import Done
from pipelines.upkeep.folders import files_in
from pipelines.upkeep.tables import Table

COMMITS = 20
"""Commits since the last summary from which another one is worth it."""


def checkpoint(lake: Lake, table: Table, *, dry_run: bool = False) -> list[Done]:
    """Sum up the log, then drop what is older than Delta keeps it (``delta.logRetentionDuration``, 30 days).

    Not of curated tables: the newest entry of their log says what they were made from. Where the log of a standard
    table ends above the version that a mart was made at, the mart is made in full.
    """
    root = table.root(lake)
    held = opened(lake, root)
    if table.zone == "curated" or held.version() - _last(lake, root) < COMMITS:
        return []
    before = files_in(lake, f"{root}/_delta_log")
    if dry_run:
        return [Done("checkpoint", table.place, len(before), len(before))]
    held.create_checkpoint()
    held.cleanup_metadata()
    after = files_in(lake, f"{root}/_delta_log")
    old, new = (sum(file.size for file in files) for files in (before, after))
    return [Done("checkpoint", table.place, len(before), len(after), old, new)]


def _last(lake: Lake, root: str) -> int:
    """The version that was summed up last; -1 where none was."""
    path = f"{root}/_delta_log/_last_checkpoint"
    return int(json.loads(lake.fs.cat_file(path))["version"]) if lake.fs.exists(path) else -1
