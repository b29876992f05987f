"""Adds rows to a table of the ledger: one file, synced before the log entry that names it, and that entry after it."""

from __future__ import annotations

import io
import itertools
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from citylake.pipelines.lake.conflict_retry import retry_conflicts
from citylake.pipelines.lake.delta_log import ACTIONS_KEY, KEEP_LOG, sync_log, unsynced_entry
from citylake.pipelines.lake.delta_table import delta_exists, open_delta, open_delta_if_exists
from citylake.pipelines.lake.digests.file_digest import FileDigest, digest_bytes, digest_file
from citylake.pipelines.lake.digests.log_digests import DIGESTS_KEY, NOTE_KEY
from citylake.pipelines.lake.durable_files import sync_files
from citylake.pipelines.lake.lake_zones import Lake

if TYPE_CHECKING:
    import polars as pl

SEQUENCE = "sequence"
"""Column of a row's place in the ledger, a number of the lake's clock."""
DATASET = "dataset"
"""Column of the dataset that a row is about; not every table has it."""
# Many tasks append to the ledger; frequent checkpoints keep the number of log files that a reader opens small.
_ROW_GROUP = 20_000
"""Rows that a reader of a single dataset skips together."""
_CHECKPOINT_EVERY = 10
_LOG = {"delta.checkpointInterval": str(_CHECKPOINT_EVERY)}


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """A file in a table's folder that no commit names yet; if none ever does, the upkeep deletes it."""

    add: AddAction
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerCommit:
    """What a commit made: ``version`` of the table, and the table as it was before; None: the commit created it."""

    table: DeltaTable | None
    version: int

    @property
    def log_files(self) -> set[str]:
        """The names of the commit's files in the log."""
        checkpoint = (self.version + 1) % _CHECKPOINT_EVERY == 0
        return {f"{self.version:020}.json", *([f"{self.version:020}.checkpoint.parquet"] if checkpoint else ())}


def append_ledger_rows(lake: Lake, root: str, rows: pl.DataFrame) -> None:
    """Add ``rows`` to the table at ``root`` in one transaction, and return when they are durable.

    Creates the table, and adds the columns that one of an older version does not have. Raises COMMIT_CONFLICT.
    """
    commit_ledger_file(lake, root, rows.schema, write_ledger_file(lake, root, rows))


def write_ledger_file(
    lake: Lake, root: str, rows: pl.DataFrame, *, data_change: bool = True, durable: bool = True
) -> LedgerFile:
    """Write ``rows`` to a file for the table at ``root``.

    ``data_change``: whether the rows are new to the table. ``durable``: if not, the caller syncs the file before it is
    committed.
    """
    lake.makedirs(root)
    name = f"rows-{uuid.uuid4().hex}.parquet"
    path = f"{root}/{name}"
    digest = _write_parquet(lake, path, rows)
    statistics = json.dumps(_statistics(rows))
    add = AddAction(name, digest.size_bytes, {}, time.time_ns() // 1_000_000, data_change, statistics)
    if durable:
        sync_files(lake, [path])
    return LedgerFile(add, digest.sha256)


def _write_parquet(lake: Lake, path: str, rows: pl.DataFrame) -> FileDigest:
    if lake.local:
        rows.write_parquet(path, row_group_size=_ROW_GROUP)
        return digest_file(lake, path)
    # One request: reading it once more would be five.
    written = io.BytesIO()
    rows.write_parquet(written, row_group_size=_ROW_GROUP)
    lake.fs.pipe_file(path, written.getvalue())
    return digest_bytes(written.getvalue())


def commit_ledger_file(
    lake: Lake, root: str, schema: pl.Schema, file: LedgerFile, held: DeltaTable | None = None
) -> LedgerCommit:
    """Add a durable file to the table at ``root``, which it creates if there is none.

    ``held``: the table, if it is open and was just brought up to date. Raises COMMIT_CONFLICT.
    """
    tries = itertools.count()

    def attempt() -> LedgerCommit:
        if next(tries) and held is not None:
            held.update_incremental()
        table = held or open_delta_if_exists(lake, root)
        if table is None:
            if _create_table(lake, root, schema, file):
                return LedgerCommit(None, 0)
            table = open_delta(lake, root)
        _add_columns(lake, root, table, schema)
        return LedgerCommit(table, _commit(lake, root, table, file))

    return retry_conflicts(root, attempt)


def replace_ledger_rows(lake: Lake, root: str, table: DeltaTable, rows: pl.DataFrame) -> None:
    """Replace all rows and columns of the opened ``table`` in one transaction. Raises CommitFailedError."""
    _commit(lake, root, table, write_ledger_file(lake, root, rows), replaced_by=Schema.from_arrow(rows.schema))


def rearrange_ledger_files(
    lake: Lake, root: str, table: DeltaTable, file: LedgerFile, sources: Sequence[RemoveAction]
) -> None:
    """Put a file in the place of ``sources``, with the same rows, in one transaction. Raises CommitFailedError."""
    _commit(lake, root, table, file, sources)


def _add_columns(lake: Lake, root: str, table: DeltaTable, schema: pl.Schema) -> None:
    held = {field.name for field in table.schema().fields}
    fresh = [Field(entry.name, entry.type) for entry in Schema.from_arrow(schema).fields if entry.name not in held]
    if fresh:
        sync_log(lake, root)
        properties = CommitProperties(max_commit_retries=0)
        table.alter.add_columns(fresh, commit_properties=properties, post_commithook_properties=KEEP_LOG)
        table.update_incremental()


def _create_table(lake: Lake, root: str, schema: pl.Schema, file: LedgerFile) -> bool:
    """Create the table with its first file in one commit; return False if another process has created it meanwhile."""
    try:
        create_table_with_add_actions(
            root,
            Schema.from_arrow(schema),
            [file.add],
            configuration=_LOG,
            storage_options=lake.storage_options,
            commit_properties=_commit_note(file),
            post_commithook_properties=KEEP_LOG,
        )
    except DeltaError:
        if not delta_exists(lake, root):
            raise
        return False
    sync_log(lake, root, 0)
    return True


def _statistics(rows: pl.DataFrame) -> dict[str, Any]:
    """The statistics of a file in the log.

    By the greatest ``sequence`` a writer knows where its own rows begin, by the datasets a reader which files it needs.
    """
    stated = [name for name in (SEQUENCE, DATASET) if name in rows.columns and rows.height]
    return {
        "numRecords": rows.height,
        "minValues": {name: rows[name].min() for name in stated},
        "maxValues": {name: rows[name].max() for name in stated},
        "nullCount": {name: rows[name].null_count() for name in stated},
    }


def _commit(
    lake: Lake,
    root: str,
    table: DeltaTable,
    file: LedgerFile,
    sources: Sequence[RemoveAction] = (),
    *,
    replaced_by: Schema | None = None,
) -> int:
    """Commit one durable file between two syncs: of the entry that the commit is based on, and of its own.

    Returns the version of the commit; ``table`` stays as it was.
    """
    base = table.version()
    sync_files(lake, unsynced_entry(root, base))
    table.create_write_transaction(
        [file.add, *sources],
        "append" if replaced_by is None else "overwrite",
        replaced_by or table.schema(),
        commit_properties=_commit_note(file, len(sources)),
        post_commithook_properties=KEEP_LOG,
    )
    sync_log(lake, root, base + 1)
    return base + 1


def _commit_note(file: LedgerFile, removed: int = 0) -> CommitProperties:
    note: dict[str, Any] = {ACTIONS_KEY: 1 + removed, DIGESTS_KEY: {file.add.path: file.sha256}}
    # No rebase: the entry that a commit is based on must be synced before it. On a store a rebase would save nothing:
    # deltalake reads each entry that came first once more to look for conflicts.
    return CommitProperties(custom_metadata={NOTE_KEY: json.dumps(note)}, max_commit_retries=0)
