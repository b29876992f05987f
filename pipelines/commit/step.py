"""The commit step: staged files become part of the lake, exactly once, whatever crashes in between.

Order: the standard table, the quarantine, the ledger's duplicates. Each table's transaction carries the batch's id, and
the standard table's carries what the later ones need, so committing again after a crash does exactly what is left.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from pipelines.commit import append, registers
from pipelines.commit.files import File, read_footers, stored
from pipelines.commit.snapshot import FROM, TO, snapshot
from pipelines.commit.table import columns_of, open_table, partition_column
from pipelines.commit.transaction import Change, commit_once
from pipelines.commit.upsert import upsert
from pipelines.commit.work import Work
from pipelines.delta import existing, opened
from pipelines.lake import Lake
from pipelines.ledger import duplicates
from pipelines.records import Committed, Counts, Staged
from schemas.contract import Contract, Write
from schemas.registry import Registry

if TYPE_CHECKING:
    from deltalake import DeltaTable

INTERVAL = [pa.field(FROM, pa.date32()), pa.field(TO, pa.date32())]


def commit(contract: Contract, registry: Registry, staged: Staged, lake: Lake) -> Committed:
    """Make the staged batch part of the standard table, the quarantine and the ledger of duplicates.

    Committing a batch again changes nothing and returns what it returned, ``skipped``. Raises TABLE_TYPE_CHANGED and
    COMMIT_CONFLICT.
    """
    standard = _standard(contract, registry, staged, lake)
    _quarantine(staged, lake)
    # By their names alone: the lake may have been restored in another place.
    _duplicates(staged, lake, [path.rpartition("/")[2] for path in standard[1].get("losers", [])])
    return _committed(staged, *standard)


def settled(counts: Counts, committed: Committed) -> Counts:
    """A staged batch's counts after its commit: rows that the table already held are duplicates, not new rows."""
    kept = committed.duplicates_stored
    return replace(counts, standard=counts.standard - kept, duplicates=counts.duplicates + kept)


def _committed(staged: Staged, version: int, note: Mapping[str, Any], skipped: bool) -> Committed:
    days = note.get("days")
    return Committed(
        version=int(note.get("version", version)),
        days=staged.days if days is None else tuple(date.fromisoformat(day) for day in days),
        duplicates_stored=int(note.get("exact", 0)),
        superseded=int(note.get("superseded", 0)),
        skipped=skipped,
    )


def _standard(
    contract: Contract, registry: Registry, staged: Staged, lake: Lake
) -> tuple[int, Mapping[str, Any], bool]:
    root = lake.standard(staged.dataset)
    files = read_footers(lake, root, staged.standard)
    if not files and existing(lake, root) is None:
        return -1, {"days": []}, False
    column = partition_column(contract)
    partition = [column] if column else []
    columns = [name for name in _contract_columns(contract, registry, files) if name not in partition]
    _note_registers(contract, staged, lake, files)

    def open_() -> DeltaTable:
        return _open(contract, lake, root, files, partition)

    def plan(table: DeltaTable) -> Change:
        schema = columns_of(table, partition)
        work = Work(lake, root, staged, contract.write, schema, columns, files, stored(table))
        change = _resolve(work, table)
        change.note |= {"losers": work.losers, "exact": work.exact, "superseded": work.superseded}
        return change

    table, note, skipped = commit_once(lake, staged.batch, open_, plan)
    return table.version(), note, skipped


def _contract_columns(contract: Contract, registry: Registry, files: Sequence[File]) -> list[str]:
    """The columns that make a row the same row: those of the files that the contract names, qualifiers included."""
    if not files:
        return list(registry.columns(contract))
    return [name for name in _schema(files).names if not name.startswith("_")]


def _schema(files: Sequence[File]) -> pa.Schema:
    return pa.unify_schemas([file.schema for file in files])


def _open(contract: Contract, lake: Lake, root: str, files: Sequence[File], partition: Sequence[str]) -> DeltaTable:
    if not files:
        return opened(lake, root)
    interval = INTERVAL if contract.write.effective and contract.write.mode == "snapshot" else []
    return open_table(lake, root, pa.schema([*_schema(files), *interval]), partition)


def _resolve(work: Work, table: DeltaTable) -> Change:
    write = work.write
    if write.mode == "append":
        return append.append(work)
    if write.mode == "replace":
        return append.replace(work)
    if write.mode == "snapshot" and write.effective:
        return _snapshot(work, table, write.effective)
    return upsert(work, [*write.key, *((write.valid.start,) if write.valid else ())])


def _snapshot(work: Work, table: DeltaTable, effective: str) -> Change:
    if not work.files:
        return work.change
    before = registers.known(work.lake, work.staged, table)
    mine = _registers(work.lake, work.staged, work.write, work.files)
    return snapshot(work, registers.days_of(before, mine, effective))


def _note_registers(contract: Contract, staged: Staged, lake: Lake, files: Sequence[File]) -> None:
    if contract.write.mode == "snapshot" and contract.write.effective and files:
        registers.note_registers(lake, staged, _registers(lake, staged, contract.write, files))


def _registers(lake: Lake, staged: Staged, write: Write, files: Sequence[File]) -> pl.DataFrame:
    """The registers in the staged files."""
    paths = [f"{lake.standard(staged.dataset)}/{file.path}" for file in files]
    rows = pl.scan_parquet(paths, storage_options=lake.storage_options, hive_partitioning=False, glob=False)
    return registers.registers_in(staged, rows, write, lake)


def _quarantine(staged: Staged, lake: Lake) -> None:
    """Add the refused rows; those that an earlier reading of the same receipts refused are judged anew, so they go."""
    root = lake.quarantine(staged.dataset)
    files = read_footers(lake, root, staged.quarantine)
    if not files and existing(lake, root) is None:
        return
    partition = sorted({name for file in files for name in file.partition})

    def open_() -> DeltaTable:
        if not files:
            return opened(lake, root)
        return open_table(lake, root, _schema(files), partition)

    def plan(table: DeltaTable) -> Change:
        write = append.APPEND
        return append.append(Work(lake, root, staged, write, columns_of(table, partition), (), files, stored(table)))

    commit_once(lake, staged.batch, open_, plan)


def _duplicates(staged: Staged, lake: Lake, losers: Sequence[str]) -> None:
    """Name the rows that were dropped within the batch, and those that lost against the table."""
    if not staged.duplicates and not losers:
        return
    root = lake.ledger(duplicates.TABLE)

    def plan(_: DeltaTable) -> Change:
        own = [_with_dataset(staged, lake, root)] if staged.duplicates else []
        return Change(adds=read_footers(lake, root, [*own, *losers]), written=own)

    commit_once(lake, staged.batch, lambda: open_table(lake, root, duplicates.SCHEMA), plan)


def _with_dataset(staged: Staged, lake: Lake, root: str) -> str:
    """The batch's own duplicates, which do not say whose they are, as one file of the ledger."""
    path = f"{root}/{staged.batch}-{uuid.uuid4().hex}.parquet"
    rows = pl.scan_parquet(list(staged.duplicates), storage_options=lake.storage_options, glob=False)
    named = rows.with_columns(dataset=pl.lit(staged.dataset)).select(duplicates.SCHEMA.names())
    named.sink_parquet(path, storage_options=lake.storage_options)
    return path
