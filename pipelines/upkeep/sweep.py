"""Files that no log names: what a crash left, and what was replaced so long ago that nobody reads it any more."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.delta import existing
from pipelines.lake import Lake
from pipelines.upkeep.done import Done, taken
from pipelines.upkeep.folders import Stored, files_in, take_away
from pipelines.upkeep.tables import Table

if TYPE_CHECKING:
    from deltalake import DeltaTable


def sweep(lake: Lake, table: Table, age: timedelta, kept: Collection[str], *, dry_run: bool = False) -> list[Done]:
    """Delete the files in a table's folder that its log has not named, or has named as gone, for longer than ``age``.

    Files of the names in ``kept`` stay; those must have been asked for before the log is read here.
    """
    root = table.root(lake)
    files = files_in(lake, root)
    gone = [file for file in _unnamed(lake, root, files, age) if file.path.rsplit("/", 1)[-1] not in kept]
    if not dry_run:
        take_away(lake, root, gone)
    return taken("sweep", table.place, files, gone)


def _unnamed(lake: Lake, root: str, files: Collection[Stored], age: timedelta) -> Iterable[Stored]:
    table = existing(lake, root)
    if table is None:
        # A crash before the first commit. One listing says both that there is no log and what there is instead.
        has_log = any(file.path.startswith("_delta_log/") for file in files)
        return () if has_log else old(files, age)
    named = set(_listed(table, age))
    return [file for file in files if file.path in named]


def _listed(table: DeltaTable, age: timedelta) -> list[str]:
    """Delta's own list: younger files stay, and so do those that were taken out of the table a short while ago.

    Deleting is not left to it, for it knows nothing of batches that are on their way.
    """
    hours = math.ceil(age / timedelta(hours=1))
    return table.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)


def old(files: Iterable[Stored], age: timedelta) -> list[Stored]:
    """Those that nobody has written to for longer than ``age``."""
    before = datetime.now(UTC) - age
    return [file for file in files if file.modified <= before]
