"""The general CSV reader, record by record: every record is read, or the file is refused with the row of the fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from citylake.pipelines.parse.csv_layout import CsvLayout, detect_csv_layout
from citylake.pipelines.parse.csv_records import CsvFields, split_csv_records
from citylake.pipelines.parse.encoding_decision import undecodable_fault
from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, text_schema
from citylake.pipelines.parse.single_delimiter import with_single_delimiter
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.text_encoding import EncodedFile, detect_encoding, to_utf8
from citylake.pipelines.parse.utf8_scan import first_undecodable_byte
from citylake.schemas.model.formats import CsvFormat


def read_csv(request: ReadRequest, fmt: CsvFormat, part: str = "") -> ReadResult:
    """Write the one file of ``request``; ``_row`` is the line on which a record starts."""
    report = ParseReport()
    text = detect_encoding(request, request.files[0], fmt.encoding, "csv", report)
    try:
        return _read_csv(request, to_utf8(request, text), fmt, report, part)
    except UnicodeDecodeError:
        raise undecodable_fault(request, first_undecodable_byte(text.path, "utf-8"), text.encoding) from None


def _read_csv(request: ReadRequest, text: EncodedFile, fmt: CsvFormat, report: ParseReport, part: str) -> ReadResult:
    text, fmt = with_single_delimiter(request, text, fmt, report)
    found = detect_csv_layout(request, text, fmt, report)
    rows = _write_csv_rows(request, text, fmt, found, report, part)
    if not rows and not fmt.names:
        report.add_notice("HEADER_ONLY", file=request.shown, row=found.header_row)
    if found.repeats:
        report.add_notice(
            "COLUMN_REPEATED", file=request.shown, row=found.header_row, columns=_list_names(found.repeats.values())
        )
    return ReadResult(tuple(column for column in found.columns if column not in found.repeats), rows, report)


def _write_csv_rows(
    request: ReadRequest, text: EncodedFile, fmt: CsvFormat, found: CsvLayout, report: ParseReport, part: str
) -> int:
    spool = Spool(request.scratch)
    schema = {"_row": pl.Int64(), **text_schema(found.columns)}
    with LineReader(request, text.path, fmt.max_field_bytes, report) as lines:
        _skip_header(lines, found)
        rows = _table_records(request, lines, fmt, found, report)
        for batch in _record_batches(rows, lines):
            spool.add(pl.DataFrame(batch, schema=schema, orient="row"))
    frame = spool.frame() if spool.files else pl.LazyFrame(schema=schema)
    return request.write(_drop_repeated_columns(request, frame, found).with_columns(_part=pl.lit(part)))


def _drop_repeated_columns(request: ReadRequest, frame: pl.LazyFrame, found: CsvLayout) -> pl.LazyFrame:
    """``frame`` without the columns that repeat another; raises COLUMN_DIFFERS if their values differ."""
    if not found.repeats:
        return frame
    pairs = found.repeats.items()
    differs = pl.any_horizontal(~pl.col(column).eq_missing(pl.col(name)) for column, name in pairs)
    first = frame.filter(differs).select("_row").head(1).collect(engine="streaming")
    if len(first):
        raise request.fault("COLUMN_DIFFERS", row=first.item(), columns=_list_names(found.repeats.values()))
    return frame.drop(list(found.repeats))


def _list_names(columns: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(columns))


def _skip_header(lines: LineReader, found: CsvLayout) -> None:
    source = iter(lines)
    while lines.number < found.first_line - 1:
        lines.record_ends(next(source))


def _table_records(
    request: ReadRequest, lines: LineReader, fmt: CsvFormat, found: CsvLayout, report: ParseReport
) -> Iterator[list[object]]:
    """Records of the expected width, each after its line number; skipped lines go to the report."""
    footer = re.compile(fmt.footer) if fmt.footer else None
    ended = False
    for row, fields in split_csv_records(request, lines, found.dialect, fmt.max_field_bytes):
        first = fields[0] or ""
        ended = ended or bool(footer and footer.match(first))
        why = "footer" if ended else _skip_reason(fields, first, fmt)
        if why:
            report.skip(row, found.dialect.delimiter.join(field or "" for field in fields), why)
            continue
        yield [row, *_fit_width(request, found, row, fields)]


def _skip_reason(fields: CsvFields, first: str, fmt: CsvFormat) -> str | None:
    if fields == [None]:
        return "blank"
    return "comment" if fmt.comment and first.startswith(fmt.comment) else None


def _fit_width(request: ReadRequest, found: CsvLayout, row: int, fields: CsvFields) -> CsvFields:
    """The fields of the named columns; raises ROW_WIDTH. Nameless columns at the end must be empty or absent."""
    columns = len(found.columns)
    if not columns <= len(fields) <= found.width or any(fields[columns:]):
        raise request.fault("ROW_WIDTH", row=row, found=len(fields), expected=columns)
    return fields[:columns]


def _record_batches(rows: Iterator[list[object]], lines: LineReader) -> Iterator[list[list[object]]]:
    batch: list[list[object]] = []
    start = lines.bytes
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH_ROWS or lines.bytes - start >= BATCH_CHARS:
            yield batch
            batch, start = [], lines.bytes
    if batch:
        yield batch
