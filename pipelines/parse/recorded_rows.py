"""The rows of a receipt that was read before: the landed bytes, with the layout that was recorded then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import StoredRows
from citylake.pipelines.blocks.source_rows import BlockPart, SourceRows
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.csv_blocks import CsvBlockReader
from citylake.pipelines.parse.landed_bytes import open_plain_again
from citylake.pipelines.parse.plain_csv import PlainCsvFile
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import READ_FILE, reading_differs
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(slots=True, eq=False)
class RecordedRows:
    """:class:`SourceRows` by a read record. The bytes are compared with the receipt before the first are read."""

    parsed: ParsedReceipt
    lake: Lake
    reader: CsvBlockReader
    """Shared by the receipts that are opened together, so that small files share a block."""
    scratch: Callable[[], Path]
    """A folder that outlives the rows."""
    _file: PlainCsvFile | None = None
    _fault: CitylakeError | None = None

    @property
    def receipt(self) -> Receipt:
        """The receipt whose bytes are read."""
        return self.parsed.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's fields, in order."""
        return self.parsed.columns

    @property
    def problem(self) -> Problem | None:
        """None: a fault is raised by what reads the bytes."""
        return None

    @property
    def refused(self) -> RefusedRecords:
        """None: a plain file has no refused records."""
        return RefusedRecords()

    def estimate_rows(self) -> int:
        """The exact number of rows."""
        return self.parsed.rows

    def open(self) -> PlainCsvFile:
        """The file. Raises READ_RECORD_BROKEN, LANDING_LOST, LANDING_CHANGED, and READING_DIFFERS after a restart."""
        if self._fault:
            raise self._fault
        if self._file is None:
            record = RawFile(self.lake, self.receipt, {}).find_record()
            if record is None:
                values = {"dataset": self.receipt.dataset, "file": self.receipt.name, "receipt": self.receipt.id}
                raise CitylakeError("REPLAY_BYTES_LOST", **values)
            self._file = open_plain_again(self.receipt, record, self.lake, self.scratch())
        return self._file

    def blocks(self) -> Iterator[BlockPart]:
        """All rows in order; raises as :meth:`open` does."""
        return self.reader.parts(self.open())

    def text_files(self, folder: Path) -> tuple[str, ...]:
        """All rows as Parquet of text; raises as :meth:`open` does."""
        return self.reader.write_texts(self.open(), folder)

    def restart(self) -> None:
        """If the file is not plain any more, the next reading raises READING_DIFFERS."""
        if error := self.reader.refused.pop(self.receipt.id, None):
            record = self.open().recorded
            assert record is not None
            self._fault = reading_differs(self.receipt, record, error.why)

    def store(self) -> ParsedReceipt:
        """The receipt as it is in the raw zone."""
        return self.parsed


def open_parsed(
    parsed: Iterable[ParsedReceipt], lake: Lake, budget: Budget, scratch: Callable[[], Path]
) -> list[SourceRows]:
    """The rows of receipts that an earlier step has parsed; ``scratch``: a folder that outlives them."""
    reader = CsvBlockReader(budget)

    def rows(each: ParsedReceipt) -> SourceRows:
        recorded = any(path.endswith(f"/{READ_FILE}") for path in each.files)
        return RecordedRows(each, lake, reader, scratch) if recorded else StoredRows(each, lake, budget, scratch)

    return [rows(each) for each in parsed]
