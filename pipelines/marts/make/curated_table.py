"""The curated Delta table of one mart table: reads what it was built from, and replaces days."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from deltalake import CommitProperties, write_deltalake

from citylake.pipelines.lake.delta_log import KEEP_LOG, sync_versions
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.rebuild_days import BuildInputs

if TYPE_CHECKING:
    from pyarrow import RecordBatchReader

BUILD_NOTE_KEY = "citylake"
"""Key of citylake's note in the commit metadata, as in standard tables."""


def read_build_inputs(lake: Lake, root: str) -> BuildInputs | None:
    """Return what the table at ``root`` was last built from. None if there is no table or no note in its log."""
    table = open_delta_if_exists(lake, root)
    for entry in table.history() if table else ():
        note = json.loads(entry.get(BUILD_NOTE_KEY) or "{}")
        if "fingerprint" in note:
            left = note.get("pending", {}).items()
            pending = {date.fromisoformat(day): datetime.fromisoformat(at) for day, at in left}
            return BuildInputs(note["fingerprint"], note["versions"], pending)
    return None


def replace_curated_days(
    lake: Lake, root: str, rows: RecordBatchReader, made_from: BuildInputs, day: str | None, days: Sequence[date] | None
) -> None:
    """Replace ``days`` of the table (None: all rows) by ``rows`` in one transaction. ``day``: the day column."""
    note: dict[str, Any] = {"fingerprint": made_from.fingerprint, "versions": dict(made_from.versions)}
    note |= {"everything": days is None, "days": [each.isoformat() for each in days or ()]}
    note |= {"pending": {day.isoformat(): at.isoformat() for day, at in made_from.pending.items()}}
    lake.makedirs(root)
    sync_versions(lake, root)
    found = open_delta_if_exists(lake, root)
    before = -1 if found is None else found.version()
    write_deltalake(
        root,
        rows,
        mode="overwrite",
        partition_by=[day] if day else None,
        schema_mode="overwrite" if days is None else None,
        predicate=None if days is None else _within(day, days),
        storage_options=lake.storage_options,
        commit_properties=CommitProperties(custom_metadata={BUILD_NOTE_KEY: json.dumps(note)}),
        post_commithook_properties=KEEP_LOG,
    )
    # deltalake writes the files and commits them in one step. A torn version is undone when the table is opened, and
    # built again: nothing refers to it before it is durable.
    sync_versions(lake, root, before + 1)


def _within(day: str | None, days: Sequence[date]) -> str:
    listed = ", ".join(f"DATE '{each.isoformat()}'" for each in days)
    return f'"{day}" IN ({listed})'
