"""The records below the header of one CSV file: spooled as rows, skipped, or refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl

from citylake.pipelines.parse.csv_fields import CsvFields
from citylake.pipelines.parse.csv_layout import CsvLayout
from citylake.pipelines.parse.csv_records import GUESSED_ESCAPE, CsvRecord, CsvRecordReader
from citylake.pipelines.parse.layout_doubts import FOOTER_RECORDS, looks_like_record
from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, text_schema
from citylake.pipelines.parse.refused_records import RefusedRecordSpool
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.model.formats import CsvFormat
from citylake.schemas.model.formats.csv_format import WHITESPACE
from citylake.schemas.words.errors import CitylakeError

_LIKE_DATA = {"footer": FOOTER_RECORDS, "comment": 1}
"""By the word that skips rows: how many of them must look like records, so that it is reported."""
_SHOWN_CHARS = 80


class CsvTableReader:
    """One pass over the records. ``refuses``: a faulty record is refused; otherwise, its fault is raised.

    ``trailing``: records may have empty cells after the last column.
    """

    def __init__(
        self,
        request: ReadRequest,
        path: Path,
        fmt: CsvFormat,
        found: CsvLayout,
        report: ParseReport,
        *,
        refuses: bool,
        trailing: bool = True,
    ) -> None:
        self.report, self.found = report, found
        self.rows = self.lines = self.first_escaped = 0
        self.columns = (*found.columns, *(f"\0{place}" for place in range(len(found.columns), found.width)))
        """With a column for every nameless header cell at the end."""
        self.used_columns = len(found.columns)
        """Columns up to the last one that has a name or a value."""
        self.refused = RefusedRecordSpool(Spool(request.scratch, name="refused"))
        self._request, self._path, self._fmt = request, path, fmt
        self._refuses, self._trailing, self._trailed = refuses, trailing, 0
        self._footer = re.compile(fmt.footer) if fmt.footer else None
        self._ended = False
        self._spool = Spool(request.scratch)
        self._batch: list[list[object]] = []
        self._rescued = self._contradicted = 0
        self._like_data: dict[str, tuple[int, str, int]] = {}

    @property
    def escape_fits(self) -> bool:
        """Whether records are broken only because a backslash escapes quotes, and no record contradicts that."""
        return self._fmt.escape is None and self._rescued > 0 and not self._contradicted

    @property
    def trailing_is_rare(self) -> bool:
        """Whether only some records have empty cells after the last column: an extra delimiter may shift them."""
        return 0 < self._trailed * 2 <= self.rows

    def with_escape(self) -> CsvLayout:
        """The layout with a backslash as escape character."""
        return replace(self.found, dialect=replace(self.found.dialect, escape=GUESSED_ESCAPE))

    def frame(self) -> pl.LazyFrame:
        """The rows: ``_row`` and :attr:`columns`."""
        return self._spool.frame() if self._spool.held else pl.LazyFrame(schema=self._schema())

    def read(self) -> None:
        """Read all records."""
        fmt, dialect = self._fmt, self.found.dialect
        with LineReader(self._request, self._path, fmt.max_field_bytes, self.report) as lines:
            self._skip_header(lines)
            reader = CsvRecordReader(self._request, lines, dialect, fmt.max_field_bytes, self._width_fault, fmt.comment)
            start = lines.bytes
            for record in reader.records():
                self._take(record, reader)
                if not record.fault:
                    lines.record_ends(record.text)
                if len(self._batch) >= BATCH_ROWS or lines.bytes - start >= BATCH_CHARS:
                    start = lines.bytes
                    self._put()
        self._put()
        self._rescued, self._contradicted = reader.rescued, reader.contradicted
        self.first_escaped = reader.first_rescued

    def _skip_header(self, lines: LineReader) -> None:
        source = iter(lines)
        while lines.number < self.found.first_line - 1:
            lines.record_ends(next(source))

    def _take(self, record: CsvRecord, reader: CsvRecordReader) -> None:
        why = self._skip_reason(record)
        if why:
            self.report.skip(record.row, self._as_received(record.text), why)
            self._note_skipped(record, reader, why)
        elif record.fault:
            if not self._refuses:
                raise record.fault
            self.refused.add(record._replace(text=self._as_received(record.text)), record.fault)
        else:
            self._note_oddities(record, reader)
            self._batch.append([record.row, *self._fit_width(record.fields)])
            self.rows += 1
            self.lines += record.lines

    def _as_received(self, text: str) -> str:
        """The text with its own delimiter, if it was rewritten with another."""
        delimiter = str(self.report.facts.get("delimiter", self.found.dialect.delimiter))
        return text.replace(self.found.dialect.delimiter, " " if delimiter == WHITESPACE else delimiter)

    def _skip_reason(self, record: CsvRecord) -> str | None:
        fields = record.fields
        first = (fields[0] if fields else record.text) or ""
        self._ended = self._ended or bool(self._footer and self._footer.match(first))
        if self._ended:
            return "footer"
        if record.fault:
            return None
        if fields[0] is None and _is_blank(fields):
            return "blank"
        return "comment" if self._fmt.comment and first.startswith(self._fmt.comment) else None

    def _note_skipped(self, record: CsvRecord, reader: CsvRecordReader, why: str) -> None:
        """Report the rows that are skipped although they look like records: several in the footer, or a comment."""
        cells = [cell or "" for cell in reader.splitter.split(record.text) or ()]
        if why not in _LIKE_DATA or len(cells) != len(self.found.columns) or not looks_like_record(cells):
            return
        row, text, number = self._like_data.get(why, (record.row, record.text, 0))
        self._like_data[why] = row, text, number + 1
        if number + 1 == _LIKE_DATA[why]:
            shown = self._as_received(text).strip()[:_SHOWN_CHARS]
            self.report.add_notice("SKIPPED_LIKE_DATA", file=self._request.shown, row=row, word=why, text=shown)

    def _width_fault(self, row: int, fields: CsvFields) -> CitylakeError | None:
        """ROW_WIDTH for a record with too few fields, or with values after the last column."""
        columns, width, found = len(self.found.columns), len(self.columns), len(fields)
        if columns <= found <= width or _is_blank(fields):
            return None
        if self._trailing and found > width and not any(fields[width:]):
            return None
        return self._request.fault("ROW_WIDTH", row=row, found=found, expected=columns)

    def _fit_width(self, fields: CsvFields) -> CsvFields:
        width, found = len(self.columns), len(fields)
        if found < width:
            fields = fields + [None] * (width - found)
        while self.used_columns < width and any(fields[self.used_columns : width]):
            self.used_columns += 1
        return fields if found <= width else fields[:width]

    def _note_oddities(self, record: CsvRecord, reader: CsvRecordReader) -> None:
        where = {"file": self._request.shown, "row": record.row}
        if len(record.fields) > len(self.columns):
            self._trailed += 1
            self.report.add_notice("CELLS_TRAILING", **where, columns=len(self.found.columns))
        if reader.splitter.stray:
            self.report.add_notice("QUOTE_INSIDE", **where)
        if reader.splitter.padded:
            self.report.add_notice("QUOTE_BLANKS", **where)

    def _put(self) -> None:
        if self._batch:
            self._spool.add(pl.DataFrame(self._batch, schema=self._schema(), orient="row"))
            self._batch = []

    def _schema(self) -> dict[str, pl.DataType]:
        return {"_row": pl.Int64(), **text_schema(self.columns)}


def _is_blank(fields: CsvFields) -> bool:
    return all(field is None for field in fields)
