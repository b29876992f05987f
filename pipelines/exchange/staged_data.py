"""Rows that leave the lake: staged as Parquet in a private folder, and recorded before a file is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl
import polars.selectors as cs
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from polars.exceptions import PolarsError

from citylake.pipelines.exchange.described_table import (
    DescribedColumn,
    DescribedTable,
    allowed_columns,
    describe_dataset,
    describe_mart_table,
)
from citylake.pipelines.exchange.receiver import Receiver, check_dataset, check_mart
from citylake.pipelines.lake.access_record import Access, process_user, record_access
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.read.mart_reader import OpenMart, open_mart
from citylake.pipelines.read.standard_table import scan_standard
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

_BATCH_ROWS: Final = 50_000
_UNRECORDED: Final = (OSError, DeltaError, PolarsError, CitylakeError)


@dataclass(frozen=True, slots=True)
class StagedTable:
    """The rows of one table as a Parquet file, with the columns that it really has."""

    described: DescribedTable
    file: Path
    rows: int
    mart: Mart | None = None
    contract: Contract | None = None

    @property
    def schema(self) -> pl.Schema:
        """The types of the rows."""
        return pl.read_parquet_schema(self.file)  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """The name of the table, without its mart; of a dataset its whole id."""
        return self.described.name if self.mart is None else self.described.name.partition(".")[2]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Whose rows go to whom, and how it stands in the record of accesses."""

    registry: Registry
    lake: Lake
    receiver: Receiver
    form: str


@contextmanager
def staged_dataset(request: ExportRequest, contract: Contract) -> Iterator[list[StagedTable]]:
    """The standard table of a dataset, without deleted objects and without what the receiver may not have.

    Raises EXPORT_NOT_SHARED, EXPORT_NEEDS_AGREEMENT, EXPORT_NOTHING_LEFT, STANDARD_TABLE_MISSING, EXPORT_NOT_RECORDED.
    """
    with scratch_folder() as scratch:
        access = _access(request, "dataset", contract.dataset)
        with _recorded(request, access):
            staged = _stage_dataset(request, contract, Path(scratch))
            access.rows = staged.rows
        yield [staged]


def _stage_dataset(request: ExportRequest, contract: Contract, scratch: Path) -> StagedTable:
    check_dataset(contract, request.registry, request.receiver)
    described = allowed_columns(describe_dataset(contract, request.registry), request.receiver, contract)
    rows = scan_standard(request.lake, contract.dataset)
    stored = rows.collect_schema().names()
    described = described.with_columns([each for each in described.columns if each.name in stored])
    if not described.columns:
        raise CitylakeError("EXPORT_NOTHING_LEFT", name=contract.dataset, columns=", ".join(described.left_out))
    file = scratch / "0.parquet"
    _living(rows, contract).select(cs.by_name(*(each.name for each in described.columns))).sink_parquet(file)
    return StagedTable(described, file, _count(file), contract=contract)


@contextmanager
def staged_mart(request: ExportRequest, mart: Mart) -> Iterator[list[StagedTable]]:
    """The tables of the published version of a mart.

    Raises as ``check_mart`` and ``open_mart``, and EXPORT_NOT_RECORDED.
    """
    with scratch_folder() as scratch:
        access = _access(request, "mart", mart.mart)
        with _recorded(request, access):
            check_mart(mart, request.registry, request.receiver)
            found = []
            with open_mart(request.lake, mart.mart) as opened:
                access.request = f"/* {mart.mart} {opened.version} */ {access.request}"
                for number, table in enumerate(mart.tables):
                    names, file = _stage_table(opened, table, Path(scratch) / f"{number}.parquet")
                    described = _as_published(describe_mart_table(mart, table, request.registry), names)
                    found.append(StagedTable(described, file, _count(file), mart=mart))
            access.rows = sum(each.rows for each in found)
        yield found


def _stage_table(opened: OpenMart, table: str, file: Path) -> tuple[list[str], Path]:
    """Write the rows in batches, and return the names of the columns."""
    reader = opened.connection.execute(f"FROM {sql_identifier(table)}").to_arrow_reader(_BATCH_ROWS)
    with pq.ParquetWriter(file, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    return list(reader.schema.names), file


def _count(file: Path) -> int:
    with pq.ParquetFile(file) as found:
        return int(found.metadata.num_rows)


def _as_published(described: DescribedTable, names: Sequence[str]) -> DescribedTable:
    """``described`` with the columns of the file: publication adds those that say what is hidden."""
    return described.with_columns([described.column(name) or DescribedColumn(name) for name in names])


def _living(rows: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    """The rows that marts read: those that report a deletion are left out."""
    deleted = contract.write.deleted
    if deleted is None:
        return rows
    return rows.filter(pl.col(deleted.column).is_in(list(deleted.codes)).not_().fill_null(value=True))


def _access(request: ExportRequest, kind: Literal["dataset", "mart"], subject: str) -> Access:
    receiver = request.receiver
    to = f" --to {receiver.department}" if receiver.department else ""
    return Access("export", kind, subject, f"export {request.form}{to}", process_user(), why=receiver.agreement)


@contextmanager
def _recorded(request: ExportRequest, access: Access) -> Iterator[None]:
    """Record the access as the block ends, also one that was refused. What cannot be recorded is not exported."""
    try:
        yield
    except BaseException as error:
        access.outcome = error.code if isinstance(error, CitylakeError) else type(error).__name__
        with suppress(*_UNRECORDED):
            record_access(Ledger(request.lake), access)
        raise
    try:
        record_access(Ledger(request.lake), access)
    except _UNRECORDED as error:
        why = str(error).strip() or type(error).__name__
        raise CitylakeError("EXPORT_NOT_RECORDED", name=access.subject, lake=request.lake.url, why=why) from error
