"""One Delta transaction: adds and removes files and records the batch id, so that a batch is committed once.

A transaction is based on the version of the table that was read; if another commit came first, it is planned again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from deltalake import CommitProperties, DeltaTable, Schema, Transaction

from citylake.pipelines.commit.table_files import TableFile, make_add_action, make_remove_action
from citylake.pipelines.lake.conflict_retry import conflict_attempts, conflict_error, note_conflict
from citylake.pipelines.lake.delta_log import ACTIONS_KEY, KEEP_LOG, sync_log, unsynced_entry
from citylake.pipelines.lake.digests.log_digests import DIGESTS_KEY, NOTE_KEY
from citylake.pipelines.lake.durable_files import sync_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.noted_rows import ROWS_KEY, count_rows

if TYPE_CHECKING:
    from deltalake.transaction import AddAction, RemoveAction

COMMIT_NOTE_KEY = NOTE_KEY
"""Key of citylake's note in the commit metadata of the Delta log."""


@dataclass(slots=True)
class TableChange:
    """The changes of one transaction. ``written``: full paths of files written for it, deleted if the commit fails."""

    adds: list[TableFile] = field(default_factory=list)
    removes: list[TableFile] = field(default_factory=list)
    note: dict[str, Any] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    schema: Schema | None = None
    """The new columns of a table that is replaced as a whole; None: the table keeps its other files and its columns."""


def is_batch_committed(table: DeltaTable, batch: str) -> bool:
    """Return whether the table's log contains the batch."""
    return table.transaction_version(batch) is not None


def read_commit_note(table: DeltaTable, batch: str) -> Mapping[str, Any]:
    """Return the note of the batch's commit, with its ``version``. Empty if the log no longer reaches back to it."""
    for entry in table.history():
        note = json.loads(entry.get(COMMIT_NOTE_KEY) or "{}")
        if note.get("batch") == batch:
            return {**note, "version": entry["version"]}
    return {}


def commit_once(
    lake: Lake, batch: str, open_: Callable[[], DeltaTable], plan: Callable[[DeltaTable], TableChange]
) -> tuple[DeltaTable, Mapping[str, Any], bool]:
    """Plan against the current version of the table and commit; on a conflict with another commit, plan again.

    ``plan`` may return the change of the attempt before if it still holds: only the files of a change that is given up
    are deleted. Returns the table, the commit's note, and whether the batch was already committed. Raises
    COMMIT_CONFLICT.
    """
    table: DeltaTable | None = None
    change: TableChange | None = None
    for attempt in conflict_attempts():
        with attempt:
            table = open_() if table is None else _opened_again(table, open_)
            if is_batch_committed(table, batch):
                # By a process that may have been killed before it synced its commit.
                sync_log(lake, table_root(table))
                return table, read_commit_note(table, batch), True
            change = _next_change(lake, table, plan, change)
            return table, _try_commit(lake, table, batch, change), False
    if table is not None:
        table.update_incremental()
        # A store can accept a commit whose response is lost, and reject the retry. The log then names the files.
        _give_up(lake, None if is_batch_committed(table, batch) else change)
    raise conflict_error(table.table_uri if table else "")


def _opened_again(table: DeltaTable, open_: Callable[[], DeltaTable]) -> DeltaTable:
    """The table with what others have committed since; opened anew only if they have changed its columns."""
    note_conflict(table_root(table))
    known = table.schema()
    table.update_incremental()
    return table if table.schema() == known else open_()


def _next_change(
    lake: Lake, table: DeltaTable, plan: Callable[[DeltaTable], TableChange], before: TableChange | None
) -> TableChange:
    change: TableChange | None = None
    try:
        change = plan(table)
        return change
    finally:
        if before is not change:
            _give_up(lake, before)


def _give_up(lake: Lake, change: TableChange | None) -> None:
    for path in change.written if change else ():
        lake.remove(path)


def rewrite_table_files(lake: Lake, open_: Callable[[], DeltaTable], plan: Callable[[DeltaTable], TableChange]) -> None:
    """Replace files by others with the same rows, recorded as no data change (``dataChange`` false).

    On a conflict, ``plan`` is called again and can leave out the files that the other commit changed. No file is
    deleted. Raises COMMIT_CONFLICT.
    """
    table: DeltaTable | None = None
    for attempt in conflict_attempts():
        with attempt:
            if table is not None:
                note_conflict(table_root(table))
            table = open_()
            change = plan(table)
            if change.adds:
                _write_commit(lake, table, change, {"rearranged": len(change.removes), "days": []}, data_change=False)
            return
    raise conflict_error(table.table_uri if table else "")


def _try_commit(lake: Lake, table: DeltaTable, batch: str, change: TableChange) -> Mapping[str, Any]:
    note = {**change.note, "batch": batch}
    _write_commit(lake, table, change, note, [Transaction(batch, 1)])
    table.update_incremental()
    return {**note, "version": table.version()}


def _write_commit(
    lake: Lake,
    table: DeltaTable,
    change: TableChange,
    note: Mapping[str, Any],
    transactions: list[Transaction] | None = None,
    *,
    data_change: bool = True,
) -> None:
    """Commit the change between two syncs: of the files and the entry it is based on, and of its own entry."""
    root, base = table_root(table), table.version()
    named = [*(f"{root}/{file.path}" for file in change.adds), *change.written]
    note = {**note, ACTIONS_KEY: len(change.adds) + len(change.removes), **_rows_afterwards(table, change)}
    digests = {file.path: file.sha256 for file in change.adds if file.sha256}
    properties = CommitProperties(
        app_transactions=transactions,
        custom_metadata={COMMIT_NOTE_KEY: json.dumps({**note, DIGESTS_KEY: digests})},
        # No rebase: a change resolved against one version must not be applied to another.
        max_commit_retries=0,
    )
    adds = [make_add_action(file, data_change=data_change) for file in change.adds]
    removes = [make_remove_action(file, data_change=data_change) for file in change.removes]
    actions: list[AddAction | RemoveAction] = [*adds, *removes]
    partition = table.metadata().partition_columns
    mode: Literal["append", "overwrite"] = "append" if change.schema is None else "overwrite"
    schema = change.schema or table.schema()
    sync_files(lake, [*named, *unsynced_entry(root, base)])
    table.create_write_transaction(
        actions, mode, schema, partition, commit_properties=properties, post_commithook_properties=KEEP_LOG
    )
    sync_log(lake, root, base + 1)


def _rows_afterwards(table: DeltaTable, change: TableChange) -> dict[str, int]:
    """The number of rows after the change, for who asks without opening the table; nothing where it is not known."""
    added, kept = sum(file.rows for file in change.adds), count_rows(table)
    if change.schema is not None:
        return {ROWS_KEY: added}
    return {} if kept is None else {ROWS_KEY: kept + added - sum(file.rows for file in change.removes)}


def table_root(table: DeltaTable) -> str:
    """Return the folder or URL of the table, without a slash at the end."""
    return table.table_uri.removeprefix("file://").rstrip("/")
