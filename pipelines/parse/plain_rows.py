"""The rows of a plain CSV file, which changes to another reader by itself if the bytes turn out not to be plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from citylake.pipelines.blocks.parquet_blocks import StoredRows
from citylake.pipelines.blocks.source_rows import BlockPart, SourceRestartedError
from citylake.pipelines.parse.csv_blocks import CsvBlockReader
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.read_request import ParseReport
from citylake.pipelines.parse.text_encoding import EncodedFile, detect_encoding, splits_as_bytes
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(slots=True, eq=False)
class PlainRows:
    """:class:`SourceRows` of a file that is read by blocks."""

    file: PlainCsvFile
    reader: CsvBlockReader
    """Shared by the receipts that are opened together, so that small files share a block."""
    read_generally: Callable[[str], StoredRows]
    """Reads the receipt with the general reader; called with the reason."""
    stored: StoredRows | None = None
    """Set once the general reader has read the receipt."""

    def __post_init__(self) -> None:
        """Register the file with its reader."""
        self.reader.files[self.receipt.id] = self.file

    @property
    def receipt(self) -> Receipt:
        """The receipt whose bytes are read."""
        return self.file.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's fields, in order."""
        return (self.stored or self.file).columns

    @property
    def problem(self) -> Problem | None:
        """Why the receipt cannot be read; known only after a restart."""
        return self.stored.problem if self.stored else None

    @property
    def refused(self) -> RefusedRecords:
        """The records that the general reader refused; a plain file has none."""
        return self.stored.refused if self.stored else RefusedRecords()

    def estimate_rows(self) -> int:
        """The number of rows, estimated from the first lines."""
        return (self.stored or self.file).estimate_rows()

    def blocks(self) -> Iterator[BlockPart]:
        """All rows in order."""
        return self.stored.blocks() if self.stored else self.reader.parts(self.file)

    def text_files(self, folder: Path) -> tuple[str, ...]:
        """All rows as Parquet of text; raises SourceRestartedError."""
        return self.stored.text_files(folder) if self.stored else self.reader.write_texts(self.file, folder)

    def restart(self) -> None:
        """Change to another reader if this file was not plain."""
        if self.stored:
            return
        self.reader.check_others()
        if error := self.reader.refused.pop(self.receipt.id, None):
            self._change_reader(error)

    def store(self) -> ParsedReceipt:
        """The receipt as it is in the raw zone; a file that was not read completely is read from the start."""
        while self.stored is None:
            if self.file.complete:
                return self.file.store()
            try:
                self.reader.read_through(self.file)
            except SourceRestartedError:
                self._change_reader(self.reader.refused.pop(self.receipt.id))
        return self.stored.store()

    def _change_reader(self, error: NotPlainCsvError) -> None:
        """Use the encoding that the whole file has, if its fields can be split; otherwise the general reader."""
        text = self._decide_encoding() if error.decoding and not self.file.checked else None
        if text and text.path == self.file.path:
            file = replace(self.file, encoding=text.encoding, checked=True, stretches={})
            self.file = self.reader.files[self.receipt.id] = file
        else:
            del self.reader.files[self.receipt.id]
            self.stored = self.read_generally(error.why)

    def _decide_encoding(self) -> EncodedFile | None:
        """The encoding, all bytes considered; None if there is a fault, which the general reader reports."""
        file, report = self.file, ParseReport()
        with suppress(CitylakeError):
            text = detect_encoding(file.request, file.path, None, "csv", report)
            dialect = file.layout.dialect
            if splits_as_bytes(text.encoding, dialect.delimiter, dialect.quote):
                file.report.facts |= report.facts
                file.report.notices += report.notices
                return text
        return None
