"""The rows of receipts that are read again: from the landed bytes, or from their text if those are gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.parquet_blocks import FAULT_COLUMN, StoredRows
from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.sealed_file import plain_copies
from citylake.pipelines.parse.csv_blocks import CsvBlockReader
from citylake.pipelines.parse.local_landing import checked_landing
from citylake.pipelines.parse.parse_receipt import open_receipts, unread_rows
from citylake.pipelines.parse.plan_read import reading_words
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import READ_FILE, READER_VERSION, ReadRecord
from citylake.pipelines.parse.recorded_rows import RecordedRows
from citylake.pipelines.read.receipt_records import receipt_in_lake, stored_text_files
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem


def open_replayed(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], scratch: Path, anew: Collection[str] = ()
) -> list[SourceRows]:
    """The rows of the receipts, in order. One that cannot be read has a problem: REPLAY_BYTES_LOST, LANDING_LOST,
    LANDING_CHANGED, READ_RECORD_BROKEN or READING_DIFFERS.

    The landed bytes come first. If the source's words (title rows, encoding) are still those of the last reading, that
    reading is repeated; otherwise, and for the receipts in ``anew``, the bytes are read by today's words.
    """
    lake = context.lake
    here = [receipt_in_lake(lake, each) for each in receipts]
    work = _Replayed(context, contract, scratch, frozenset(anew))
    found = [source for each in here if (source := work.open(each)) is not None]
    found += open_receipts(
        work.fresh, contract, lake, scratch, context.budget, locale=context.locale, recorded=work.recorded
    )
    return sorted(found, key=lambda source: source.receipt.id)


@dataclass(slots=True)
class _Replayed:
    context: RunContext
    contract: Contract
    scratch: Path
    anew: frozenset[str]
    fresh: list[Receipt] = field(default_factory=list)
    """Receipts that are read by today's words."""
    recorded: dict[str, ReadRecord] = field(default_factory=dict)
    """Earlier readings that those must agree with."""
    _reader: CsvBlockReader = field(init=False)

    def __post_init__(self) -> None:
        self._reader = CsvBlockReader(self.context.budget)

    def open(self, receipt: Receipt) -> SourceRows | None:
        """The rows, or a problem; None if the receipt is read by today's words."""
        lake, budget = self.context.lake, self.context.budget
        try:
            record = None if receipt.id in self.anew else RawFile(lake, receipt, {}).find_record()
            landed = receipt.landing and all(lake.fs.exists(path) for path in receipt.landing)
            if record is None and not landed:
                return StoredRows(self._stored_text(receipt), lake, budget, lambda: self.scratch)
            if record and record.words == self._words(receipt):
                if record.reader == READER_VERSION:
                    return self._read_again(receipt, record)
                self.recorded[receipt.id] = record
            self._read_anew(receipt)
            return None
        except CitylakeError as error:
            return unread_rows(receipt, error.problem, lake, budget)

    def _words(self, receipt: Receipt) -> dict[str, Any]:
        return reading_words(receipt, self.contract, self.context.locale)

    def _read_anew(self, receipt: Receipt) -> None:
        folder = self.scratch / receipt.id
        folder.mkdir(exist_ok=True)
        checked_landing(receipt, self.context.lake, folder)
        self.fresh.append(receipt)

    def _read_again(self, receipt: Receipt, record: ReadRecord) -> SourceRows:
        path = f"{RawFile(self.context.lake, receipt, {}).folder}/{READ_FILE}"
        parsed = ParsedReceipt(receipt, (path,), record.fields, record.rows, record.report)
        rows = RecordedRows(parsed, self.context.lake, self._reader, lambda: self.scratch)
        rows.open()
        return rows

    def _stored_text(self, receipt: Receipt) -> ParsedReceipt:
        """The receipt as the raw zone has it."""
        lake, folder = self.context.lake, self.scratch / receipt.id
        files, refused = stored_text_files(lake, receipt)
        if not files:
            values = {"dataset": receipt.dataset, "file": receipt.name, "receipt": receipt.id}
            return ParsedReceipt(receipt, (), (), 0, {}, Problem("REPLAY_BYTES_LOST", values))
        columns, rows = _read_footers(lake, plain_copies(lake, files, folder))
        fields = tuple(name for name in columns if name not in (*PROVENANCE_COLUMNS, FAULT_COLUMN))
        records = RefusedRecords()
        if refused:
            records = RefusedRecords((refused,), _read_footers(lake, plain_copies(lake, [refused], folder))[1])
        return ParsedReceipt(receipt, files, fields, rows, {}, refused=records)


def _read_footers(lake: Lake, files: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The columns of the files and the number of their rows."""
    columns: tuple[str, ...] = ()
    rows = 0
    for path in files:
        with lake.fs.open(path, "rb") as file:
            footer = pq.ParquetFile(file)
            columns, rows = tuple(footer.schema_arrow.names), rows + footer.metadata.num_rows
    return columns, rows
