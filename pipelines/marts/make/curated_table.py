"""The curated Delta table of one mart table: reads what it was built from, and replaces days."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from deltalake import CommitProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from citylake.pipelines.lake.delta_log import KEEP_LOG, sync_versions
from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.rebuild_days import BuildInputs

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyarrow import RecordBatchReader

BUILD_NOTE_KEY = "citylake"
"""Key of citylake's note in the commit metadata, as in standard tables."""
_LAST_COMMITS = 8


def read_build_inputs(table: DeltaTable | None) -> BuildInputs | None:
    """Return what the table was last built from. None if there is no table or no note in its log."""
    if table is None:
        return None
    # Nearly always the last commit is a build. The whole history is read only if none of the last ones is.
    for limit in (_LAST_COMMITS, None):
        for entry in table.history(limit):
            note = json.loads(entry.get(BUILD_NOTE_KEY) or "{}")
            if "fingerprint" in note:
                left = note.get("pending", {}).items()
                pending = {date.fromisoformat(day): datetime.fromisoformat(at) for day, at in left}
                return BuildInputs(note["fingerprint"], note["versions"], pending)
    return None


def replace_curated_days(
    lake: Lake,
    root: str,
    held: DeltaTable | None,
    rows: RecordBatchReader,
    made_from: BuildInputs,
    day: str | None,
    days: Sequence[date] | None,
) -> int:
    """Replace ``days`` of the table (None: all rows) by ``rows`` in one transaction. Return the version it makes.

    ``held``: the version of the table at ``root`` that the days were planned for; None: there was no table. ``day``:
    the day column. Raises CommitFailedError if another run has changed the table since.
    """
    lake.makedirs(root)
    properties = build_properties(made_from, days)
    if held is None:
        _create_curated_table(lake, root, rows, day, properties)
        sync_versions(lake, root, 0)
        return 0
    sync_versions(lake, root)
    before = held.version()
    write_deltalake(
        held,
        rows,
        mode="overwrite",
        partition_by=[day] if day else None,
        schema_mode="overwrite" if days is None else None,
        predicate=None if days is None else _within(day, days),
        storage_options=lake.storage_options,
        commit_properties=properties,
        post_commithook_properties=KEEP_LOG,
    )
    # deltalake writes the files and commits them in one step. A torn version is undone when the table is opened, and
    # built again: nothing refers to it before it is durable.
    sync_versions(lake, root, before + 1)
    return held.version()


def build_properties(made_from: BuildInputs, days: Sequence[date] | None) -> CommitProperties:
    """The note of a commit: what the table is made from, and the ``days`` that the commit changes (None: all)."""
    note: dict[str, Any] = {"fingerprint": made_from.fingerprint, "versions": dict(made_from.versions)}
    note |= {"everything": days is None, "days": [each.isoformat() for each in days or ()]}
    note |= {"pending": {day.isoformat(): at.isoformat() for day, at in made_from.pending.items()}}
    # No rebase: the note tells what the whole table was built from.
    return CommitProperties(custom_metadata={BUILD_NOTE_KEY: json.dumps(note)}, max_commit_retries=0)


def _create_curated_table(
    lake: Lake, root: str, rows: RecordBatchReader, day: str | None, properties: CommitProperties
) -> None:
    try:
        write_deltalake(
            root,
            rows,
            partition_by=[day] if day else None,
            storage_options=lake.storage_options,
            commit_properties=properties,
        )
    except DeltaError as error:
        if delta_exists(lake, root):
            raise CommitFailedError(f"{root} was created by another process") from error
        raise


def _within(day: str | None, days: Sequence[date]) -> str:
    listed = ", ".join(f"DATE '{each.isoformat()}'" for each in days)
    return f'"{day}" IN ({listed})'
