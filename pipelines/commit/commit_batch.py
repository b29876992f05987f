"""The commit step: adds staged files to the lake exactly once, also after a crash at any point.

Order: the standard table, the quarantine, the ledger's duplicates. The transaction of each table records the batch id,
and that of the standard table records what the later ones need. A second commit after a crash does what is missing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from citylake.pipelines.commit import append_replace, register_days
from citylake.pipelines.commit.delta_transaction import (
    TableChange,
    commit_once,
    is_batch_committed,
    read_commit_note,
)
from citylake.pipelines.commit.kept_change import KeptChange
from citylake.pipelines.commit.merge_context import MergeContext
from citylake.pipelines.commit.quarantine_commit import RefreshBatch, commit_quarantine
from citylake.pipelines.commit.readable_files import joint_schema, readable_files
from citylake.pipelines.commit.scd2_snapshot import VALID_FROM, VALID_TO, merge_snapshot
from citylake.pipelines.commit.table_files import TableFile, read_footers
from citylake.pipelines.commit.table_rewrite import count_other_rows, replace_table
from citylake.pipelines.commit.table_schema import (
    open_or_create_table,
    table_file_columns,
    table_partition_column,
    type_change,
)
from citylake.pipelines.commit.upsert_merge import merge_key, upsert_batch
from citylake.pipelines.lake.delta_table import open_delta, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import duplicates_table
from citylake.pipelines.lake.ledger.ledger_compaction import compact_on_the_way
from citylake.pipelines.records import CommitResult, ConformedBatch, RowCounts
from citylake.schemas.model.contract import Contract, WriteSettings
from citylake.schemas.read.contract_columns import REFUSED_COLUMN
from citylake.schemas.read.day_zones import other_text_zone
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from deltalake import DeltaTable

INTERVAL_FIELDS = [pa.field(VALID_FROM, pa.date32()), pa.field(VALID_TO, pa.date32())]


def commit_staged_batch(
    contract: Contract, registry: Registry, staged: ConformedBatch, lake: Lake, refresh: RefreshBatch | None = None
) -> CommitResult:
    """Add the staged batch to the standard table, the quarantine and the ledger of duplicates.

    ``refresh`` gives the batch with its present history, each time the table has been read. Idempotent: a second call
    changes nothing and returns the same result, marked ``skipped``. Raises TABLE_TYPE_CHANGED and COMMIT_CONFLICT.
    """
    refresh = refresh or _as_staged
    standard = _commit_standard(contract, registry, staged, lake, refresh)
    _commit_others(staged, lake, refresh, standard[1])
    return _commit_result(staged, *standard)


def complete_staged_batch(staged: ConformedBatch, lake: Lake, refresh: RefreshBatch) -> CommitResult | None:
    """Do what is missing of the commit of a batch whose process has died; None if the standard table lacks the batch.

    The staged standard files need not exist any more: later commits may have rewritten them.
    """
    table = open_delta_if_exists(lake, lake.standard(staged.dataset))
    if table is None or not is_batch_committed(table, staged.batch):
        return None
    note = read_commit_note(table, staged.batch)
    _commit_others(staged, lake, refresh, note)
    return _commit_result(staged, table.version(), note, skipped=True)


def _commit_others(staged: ConformedBatch, lake: Lake, refresh: RefreshBatch, note: Mapping[str, Any]) -> None:
    """Commit to the tables after the standard table. ``note``: that of the commit to the standard table."""
    commit_quarantine(staged, lake, refresh, note.get("overtaken", {}))
    # Use the file names only, because a restored lake can have another root.
    _commit_duplicates(staged, lake, [path.rpartition("/")[2] for path in note.get("losers", [])])


def _as_staged(staged: ConformedBatch) -> ConformedBatch:
    return staged


def counts_after_commit(counts: RowCounts, committed: CommitResult) -> RowCounts:
    """Return the counts after the commit: rows that the table already had count as duplicates, not as standard rows."""
    stored = committed.duplicates_stored
    return replace(counts, standard=counts.standard - stored, duplicates=counts.duplicates + stored)


def _commit_result(staged: ConformedBatch, version: int, note: Mapping[str, Any], skipped: bool) -> CommitResult:
    days = note.get("days")
    return CommitResult(
        version=int(note.get("version", version)),
        days=staged.days if days is None else tuple(date.fromisoformat(day) for day in days),
        duplicates_stored=int(note.get("exact", 0)),
        superseded=int(note.get("superseded", 0)),
        skipped=skipped,
    )


def _commit_standard(
    contract: Contract, registry: Registry, staged: ConformedBatch, lake: Lake, refresh: RefreshBatch
) -> tuple[int, Mapping[str, Any], bool]:
    root = lake.standard(staged.dataset)
    files = read_footers(lake, root, staged.standard)
    if not files and open_delta_if_exists(lake, root) is None:
        return -1, {"days": []}, False
    column = table_partition_column(contract)
    partition = [column] if column else []
    columns = [name for name in _contract_columns(contract, registry, files) if name not in partition]
    _note_registers(contract, staged, lake, files)

    wanted, kept = _standard_schema(contract, files), KeptChange()

    def open_() -> DeltaTable:
        try:
            return open_or_create_table(lake, root, wanted, partition) if files else open_delta(lake, root)
        except CitylakeError as error:
            if error.code != "TABLE_TYPE_CHANGED":
                raise
            return open_delta(lake, root)  # the plan decides

    def plan(table: DeltaTable) -> TableChange:
        now, (stored, damaged) = refresh(staged), readable_files(staged, lake, root, table)
        retyped = type_change(table, wanted, root)
        schema = pl.Schema(wanted) if retyped else table_file_columns(table, partition)
        if retyped and count_other_rows(lake, root, stored, now.replaced_receipts):
            raise retyped
        held = stored.clear() if retyped else stored
        zone = other_text_zone(contract, registry)
        work = MergeContext(lake, root, now, contract.write, schema, columns, files, held, zone)
        still = None if retyped else kept.still(work, damaged)
        if still is not None:
            return still
        change = _plan_change(work, table)
        change.removes += damaged
        change.note |= {"losers": work.losers, "exact": work.exact, "superseded": work.superseded}
        return replace_table(change, wanted, partition) if retyped else kept.keep(work, damaged, change)

    table, note, skipped = commit_once(lake, staged.batch, open_, plan)
    return table.version(), note, skipped


def _contract_columns(contract: Contract, registry: Registry, files: Sequence[TableFile]) -> list[str]:
    """Return the columns that identify equal rows: the contract's columns in the files, qualifiers included.

    A value that was refused differs from one that the source does not have.
    """
    if not files:
        return list(registry.columns(contract))
    return [name for name in joint_schema(files).names if not name.startswith("_") or name == REFUSED_COLUMN]


def _standard_schema(contract: Contract, files: Sequence[TableFile]) -> pa.Schema:
    """The columns of the staged files, and those that the commit adds."""
    interval = INTERVAL_FIELDS if contract.write.effective and contract.write.mode == "snapshot" else []
    return pa.schema([*joint_schema(files), *interval]) if files else pa.schema([])


def _plan_change(work: MergeContext, table: DeltaTable) -> TableChange:
    write = work.write
    if write.mode == "append":
        return append_replace.append_batch(work)
    if write.mode == "replace":
        return append_replace.replace_partitions(work)
    if write.mode == "snapshot" and write.effective:
        return _plan_snapshot(work, table, write.effective)
    return upsert_batch(work, merge_key(write))


def _plan_snapshot(work: MergeContext, table: DeltaTable, effective: str) -> TableChange:
    if not work.files:
        return work.change
    before = register_days.stored_registers(work.lake, work.staged, table)
    mine = _staged_registers(work.lake, work.staged, work.write, work.files)
    return merge_snapshot(work, register_days.place_registers(before, mine, effective, work.staged.arrivals))


def _note_registers(contract: Contract, staged: ConformedBatch, lake: Lake, files: Sequence[TableFile]) -> None:
    if contract.write.mode == "snapshot" and contract.write.effective and files:
        register_days.record_registers(lake, staged, _staged_registers(lake, staged, contract.write, files))


def _staged_registers(
    lake: Lake, staged: ConformedBatch, write: WriteSettings, files: Sequence[TableFile]
) -> pl.DataFrame:
    """Return the registers in the staged files, with the columns of ``REGISTER_SCHEMA``."""
    paths = [f"{lake.standard(staged.dataset)}/{file.path}" for file in files]
    rows = pl.scan_parquet(paths, storage_options=lake.storage_options, hive_partitioning=False, glob=False)
    return register_days.registers_in_batch(staged, rows, write, lake)


def _commit_duplicates(staged: ConformedBatch, lake: Lake, losers: Sequence[str]) -> None:
    """Record the rows dropped as duplicates within the batch, and the files of rows that lost to rows of the table."""
    if not staged.duplicates and not losers:
        return
    root = lake.ledger(duplicates_table.TABLE)

    @cache
    def planned() -> TableChange:
        own = [_with_dataset(staged, lake, root)] if staged.duplicates else []
        return TableChange(adds=read_footers(lake, root, [*own, *losers]), written=own)

    schema = duplicates_table.SCHEMA
    # The files stay the same, whatever other batches have added.
    table, _, _ = commit_once(lake, staged.batch, lambda: open_or_create_table(lake, root, schema), lambda _: planned())
    compact_on_the_way(lake, duplicates_table.TABLE, schema, table)


def _with_dataset(staged: ConformedBatch, lake: Lake, root: str) -> str:
    """Write the batch's own duplicates, with the dataset added, to one file of the ledger. Return its path."""
    path = f"{root}/{staged.batch}-{uuid.uuid4().hex}.parquet"
    rows = pl.scan_parquet(list(staged.duplicates), storage_options=lake.storage_options, glob=False)
    named = rows.with_columns(dataset=pl.lit(staged.dataset)).select(duplicates_table.SCHEMA.names())
    named.sink_parquet(path, storage_options=lake.storage_options)
    return path
