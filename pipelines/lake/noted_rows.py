"""The number of rows that a commit notes in the log: to open a table for it, deltalake would read every entry."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from citylake.pipelines.lake.delta_log import heal_log, last_log_version
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER, NOTE_KEY
from citylake.pipelines.lake.lake_zones import Lake

if TYPE_CHECKING:
    from deltalake import DeltaTable

ROWS_KEY = "rows"
"""Member of citylake's note in a commit: the rows of the table after it."""
_INFO = b'{"commitInfo"'


def count_rows(table: DeltaTable) -> int | None:
    """Return the rows of an open table by the statistics of its files; None where a file has none."""
    # Not flattened: the bounds of each column of each file take most of the time.
    rows = pl.Series(table.get_add_actions().column("num_records"))
    return None if rows.null_count() else int(rows.sum() or 0)


def noted_rows(lake: Lake, root: str) -> int | None:
    """Return the rows of the table at ``root`` as its last commit notes them, 0 if there is no table.

    None where the last commit notes none: those of earlier versions of citylake, or of another program. Raises
    LOG_TORN.
    """
    heal_log(lake, root)
    version = last_log_version(lake, root)
    if version < 0:
        return 0
    with suppress(FileNotFoundError), lake.fs.open(f"{lake.fs_path(root)}/{LOG_FOLDER}/{version:020}.json") as entry:
        found: int | None = next(map(_rows_of, filter(_is_info, entry)), None)
        return found
    return None


def _is_info(line: bytes) -> bool:
    return line.startswith(_INFO)


def _rows_of(line: bytes) -> int | None:
    info: dict[str, Any] = json.loads(line)["commitInfo"]
    rows: int | None = json.loads(info.get(NOTE_KEY) or "{}").get(ROWS_KEY)
    return rows
