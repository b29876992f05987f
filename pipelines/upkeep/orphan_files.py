"""Deletes orphan files: files that no Delta log refers to, left by a crash or replaced long ago."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_log import sync_log
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import StoredFile, list_stored_files
from citylake.pipelines.upkeep.lake_files import delete_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult, removal_results

if TYPE_CHECKING:
    from deltalake import DeltaTable


def delete_orphan_files(
    lake: Lake, table: LakeTable, age: timedelta, kept: Collection[str], *, dry_run: bool = False
) -> list[UpkeepResult]:
    """Delete files in a table's folder that its log never contained, or removed, longer than ``age`` ago.

    Files with names in ``kept`` are not deleted. ``kept`` must be determined before this call, which reads the log.
    """
    root = table.root(lake)
    files = list_stored_files(lake, root)
    gone = [file for file in _orphan_files(lake, root, files, age) if file.path.rsplit("/", 1)[-1] not in kept]
    if not dry_run:
        # A removal that a power cut can undo must not cost the file.
        sync_log(lake, root)
        delete_stored_files(lake, root, gone)
    return removal_results("sweep", table.place, files, gone)


def _orphan_files(lake: Lake, root: str, files: Collection[StoredFile], age: timedelta) -> Iterable[StoredFile]:
    table = open_delta_if_exists(lake, root)
    if table is None:
        # A crash before the first commit. The same listing shows that there is no log and which files there are.
        has_log = any(file.path.startswith("_delta_log/") for file in files)
        return () if has_log else files_older_than(files, age)
    named = set(_vacuum_files(table, age))
    return [file for file in files if file.path in named]


def _vacuum_files(table: DeltaTable, age: timedelta) -> list[str]:
    """Return the files that VACUUM would delete: not the young ones, nor those removed from the table recently.

    VACUUM does not delete them itself, because it does not know the staged batches.
    """
    hours = math.ceil(age / timedelta(hours=1))
    return table.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)


def files_older_than(files: Iterable[StoredFile], age: timedelta) -> list[StoredFile]:
    """Return the files that were not modified for longer than ``age``."""
    before = datetime.now(UTC) - age
    return [file for file in files if file.modified <= before]
