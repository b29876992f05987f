"""The layout of a delimited file: delimiter, header, column names, and where the data start."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from citylake.pipelines.parse.csv_delimiter import declared_separator
from citylake.pipelines.parse.csv_fields import CsvDialect, CsvFields
from citylake.pipelines.parse.csv_header import ColumnNames, is_hxl_row, name_columns
from citylake.pipelines.parse.csv_records import CsvRecordReader, split_csv_records
from citylake.pipelines.parse.layout_doubts import check_header, check_skipped, is_header_plain
from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.text_encoding import EncodedFile
from citylake.schemas.model.formats import CsvFormat
from citylake.schemas.words.errors import CitylakeError

_SAMPLE_RECORDS = 20
"""Records from the header on, by which it is decided whether it is one."""


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """``width`` also counts nameless header cells at the end, which ``columns`` leaves out."""

    dialect: CsvDialect
    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    """Columns that must repeat another, each with that other column."""
    width: int
    header_row: int
    """The line of the header; with declared names, the one before the data."""
    first_line: int
    """The line on which the data start."""
    offset: int
    """The byte at which they start."""


def detect_csv_layout(request: ReadRequest, text: EncodedFile, fmt: CsvFormat, report: ParseReport) -> CsvLayout:
    """The layout of ``text``, whose delimiter is one character.

    Raises HEADER_MISSING, HEADER_DUPLICATE, COLUMN_RESERVED, HEADER_IS_DATA or HEADER_IS_TITLE.
    """
    with LineReader(request, text.path, fmt.max_field_bytes, report, text.encoding) as lines:
        head = _FileHead(request, lines, _dialect(fmt), fmt, report)
        head.skip_titles(_first_line(text))
        row, cells = head.read_header()
        if not fmt.header and not is_header_plain(cells):
            check_header(request, fmt, row, _records_from(request, text, fmt, row, fmt.skip_after_header), report)
        names = name_columns(request, fmt, cells, row, report)
        head.skip_below_header()
        if fmt.skip_after_header and not fmt.names:
            check_skipped(request, fmt, row, _records_from(request, text, fmt, row, below=0), report)
        report.facts["header_row"] = None if fmt.names else row
        return head.layout(names, row, text)


@dataclass(slots=True)
class _FileHead:
    """Reads a file up to its first record of data; ``place`` is the line and the byte after what was skipped."""

    request: ReadRequest
    lines: LineReader
    dialect: CsvDialect
    fmt: CsvFormat
    report: ParseReport
    place: tuple[int, int] = (1, 0)

    def skip_titles(self, first: str) -> None:
        """Skip the declared titles; without any, a first line that declares the delimiter."""
        if self.fmt.title_rows:
            self._skip_lines(self.fmt.title_rows, "title")
        elif declared_separator(first):
            self._skip_lines(1, "separator")

    def read_header(self) -> tuple[int, CsvFields]:
        """The line of the header and its cells; skips blank lines and comments above it."""
        if self.fmt.names:
            return self.place[0] - 1, list(self.fmt.names)
        for row, cells in self._records():
            why = "blank" if not any(cells) else "comment" if self._is_comment(cells) else None
            if why is None:
                self._mark()
                return row, cells
            self._skip(row, cells, why)
        raise self.request.fault("HEADER_MISSING", row=self.fmt.title_rows + 1)

    def skip_below_header(self) -> None:
        """Skip the declared lines below the header, and a row of HXL tags."""
        self._skip_lines(self.fmt.skip_after_header, "below_header")
        with suppress(CitylakeError):
            row, cells = next(self._records(), (0, []))
            if is_hxl_row(cells):
                self._skip(row, cells, "hxl")

    def layout(self, names: ColumnNames, row: int, text: EncodedFile) -> CsvLayout:
        """The layout, once everything above the data is skipped."""
        first_line, read = self.place
        offset = read + len(BOM_UTF8) * text.bom
        return CsvLayout(self.dialect, names.columns, names.repeats, names.width, row, first_line, offset)

    def _is_comment(self, cells: CsvFields) -> bool:
        return bool(self.fmt.comment and (cells[0] or "").startswith(self.fmt.comment))

    def _records(self) -> Iterator[tuple[int, CsvFields]]:
        return split_csv_records(self.request, self.lines, self.dialect, self.fmt.max_field_bytes)

    def _skip_lines(self, number: int, why: str) -> None:
        for line in islice(self.lines, number):
            self.report.skip(self.lines.number, line, why)
        self._mark()

    def _skip(self, row: int, cells: CsvFields, why: str) -> None:
        self.report.skip(row, self.dialect.delimiter.join(cell or "" for cell in cells), why)
        self._mark()

    def _mark(self) -> None:
        self.place = (self.lines.number + 1, self.lines.bytes)


def _first_line(text: EncodedFile) -> str:
    with text.path.open(encoding=text.encoding, errors="replace", newline="") as file:
        return file.readline(64)


def _dialect(fmt: CsvFormat) -> CsvDialect:
    return CsvDialect(fmt.delimiter or ",", fmt.quote, fmt.escape or "")


def _records_from(request: ReadRequest, text: EncodedFile, fmt: CsvFormat, row: int, below: int) -> list[CsvFields]:
    """The records from line ``row`` on that can be read, without the ``below`` lines after it."""
    with LineReader(request, text.path, fmt.max_field_bytes, ParseReport(), text.encoding) as lines:
        for _ in islice(iter(lines.read, None), row - 1):
            pass
        records = CsvRecordReader(request, lines, _dialect(fmt), fmt.max_field_bytes).records()
        read = (record.fields for record in records if not record.fault and not row < record.row <= row + below)
        return list(islice(read, _SAMPLE_RECORDS))
