"""One transaction: files in, files out, and the batch's name, so that it happens once and only on the table as read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import stamina
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError

from citylake.pipelines.commit.table_files import TableFile, make_add_action, make_remove_action
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from deltalake.transaction import AddAction, RemoveAction

COMMIT_ATTEMPTS = 12
COMMIT_NOTE_KEY = "citylake"
"""The key of the commit's own note in the log."""


@dataclass(slots=True)
class TableChange:
    """What one transaction does to a table. ``written`` are files made for it, deleted again if it fails."""

    adds: list[TableFile] = field(default_factory=list)
    removes: list[TableFile] = field(default_factory=list)
    note: dict[str, Any] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)


def is_batch_committed(table: DeltaTable, batch: str) -> bool:
    """Whether the batch is already in the table."""
    return table.transaction_version(batch) is not None


def read_commit_note(table: DeltaTable, batch: str) -> Mapping[str, Any]:
    """What the batch's commit noted about itself; nothing where the log no longer reaches so far back."""
    for entry in table.history():
        note = json.loads(entry.get(COMMIT_NOTE_KEY) or "{}")
        if note.get("batch") == batch:
            return {**note, "version": entry["version"]}
    return {}


def commit_once(
    lake: Lake, batch: str, open_: Callable[[], DeltaTable], plan: Callable[[DeltaTable], TableChange]
) -> tuple[DeltaTable, Mapping[str, Any], bool]:
    """Plan against the table as it is and write; where another commit came between, plan again.

    Returns the table, the commit's note, and whether the batch was there already. Raises COMMIT_CONFLICT when the
    table never stood still.
    """
    table: DeltaTable | None = None
    for attempt in _retry_attempts():
        with attempt:
            table = open_()
            if is_batch_committed(table, batch):
                return table, read_commit_note(table, batch), True
            return table, _try_commit(lake, table, batch, plan(table)), False
    raise CitylakeError("COMMIT_CONFLICT", table=table.table_uri if table else "", attempts=COMMIT_ATTEMPTS)


def rewrite_table_files(open_: Callable[[], DeltaTable], plan: Callable[[DeltaTable], TableChange]) -> None:
    """Put files in the place of others with the same rows; who reads the log for news finds none.

    ``plan`` is asked again where another commit came between, and may then leave out what that one touched. Nothing is
    deleted here. Raises COMMIT_CONFLICT.
    """
    table: DeltaTable | None = None
    for attempt in _retry_attempts():
        with attempt:
            table = open_()
            change = plan(table)
            if change.adds:
                _write_commit(table, change, {"rearranged": len(change.removes), "days": []}, data_change=False)
            return
    raise CitylakeError("COMMIT_CONFLICT", table=table.table_uri if table else "", attempts=COMMIT_ATTEMPTS)


def _retry_attempts() -> Iterator[Any]:
    try:
        yield from stamina.retry_context(
            on=CommitFailedError, attempts=COMMIT_ATTEMPTS, wait_initial=0.05, wait_max=2.0
        )
    except CommitFailedError:
        return


def _try_commit(lake: Lake, table: DeltaTable, batch: str, change: TableChange) -> Mapping[str, Any]:
    note = {**change.note, "batch": batch}
    try:
        _write_commit(table, change, note, [Transaction(batch, 1)])
    except CommitFailedError:
        table.update_incremental()
        # A store can take a commit whose answer is lost, and refuse it when it is sent again: then the log names them.
        for path in () if is_batch_committed(table, batch) else change.written:
            lake.remove(path)
        raise
    table.update_incremental()
    return {**note, "version": table.version()}


def _write_commit(
    table: DeltaTable,
    change: TableChange,
    note: Mapping[str, Any],
    transactions: list[Transaction] | None = None,
    *,
    data_change: bool = True,
) -> None:
    properties = CommitProperties(
        app_transactions=transactions,
        custom_metadata={COMMIT_NOTE_KEY: json.dumps(note)},
        # No rebasing: what was resolved against one version must not land on another.
        max_commit_retries=0,
    )
    adds = [make_add_action(file, data_change=data_change) for file in change.adds]
    removes = [make_remove_action(file, data_change=data_change) for file in change.removes]
    actions: list[AddAction | RemoveAction] = [*adds, *removes]
    partition = table.metadata().partition_columns
    table.create_write_transaction(actions, "append", table.schema(), partition, commit_properties=properties)
