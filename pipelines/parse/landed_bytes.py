"""Landed bytes that are read again: they must be those of the receipt, and give the text that was read before."""

from __future__ import annotations

import sys
from pathlib import Path

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse import gtfs_reader
from citylake.pipelines.parse.compressed_file import unpack_file
from citylake.pipelines.parse.csv_fields import CsvDialect
from citylake.pipelines.parse.csv_layout import CsvLayout
from citylake.pipelines.parse.local_landing import checked_landing
from citylake.pipelines.parse.plain_csv import PlainCsvFile
from citylake.pipelines.parse.plan_read import refuse_write
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import ReadRecord
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.single_delimiter import replace_delimiter
from citylake.pipelines.parse.text_encoding import transcode_to_utf8, trim_fill
from citylake.pipelines.records import Receipt
from citylake.schemas.model.formats import CsvFormat, GtfsFormat


def open_plain_again(receipt: Receipt, record: ReadRecord, lake: Lake, scratch: Path) -> PlainCsvFile:
    """The receipt's CSV with the layout of ``record``; raises LANDING_LOST or LANDING_CHANGED.

    ``scratch`` must outlive the file.
    """
    folder = scratch / receipt.id
    folder.mkdir(exist_ok=True)
    files = checked_landing(receipt, lake, folder)
    request = ReadRequest(files, receipt.source, folder, refuse_write)
    return plain_file(request, record, RawFile(lake, receipt, record.constants), plain_text(request, record))


def plain_file(request: ReadRequest, record: ReadRecord, raw: RawFile, path: Path) -> PlainCsvFile:
    """The file at ``path`` with the layout of ``record``."""
    dialect = CsvDialect(record.delimiter, record.quote)
    layout = CsvLayout(
        dialect, record.columns, record.repeats, record.width, record.header_row, record.first_line, record.offset
    )
    return PlainCsvFile(
        request,
        raw,
        path,
        layout,
        _format_of(record),
        record.encoding,
        checked=True,
        carriage=record.line_end == "\r\n",
        report=_report_of(record),
        size=record.size,
        part=record.part,
        rewritten=record.rewritten,
        words=record.words,
        recorded=record,
    )


def plain_text(request: ReadRequest, record: ReadRecord) -> Path:
    """The text whose bytes the record counts: the landed file itself, or a copy in the request's scratch folder."""
    path = unpack_file(request.files[0], request.scratch / "unpacked-00000", request.shown, sys.maxsize)
    if record.part:
        within = gtfs_reader.unpack_gtfs_table(
            ReadRequest((path,), request.shown, request.scratch, refuse_write),
            GtfsFormat(table=record.part.removesuffix(".txt")),
        )
        assert within is not None
        path = within.files[0]
    was = record.rewritten
    if was.encoding or was.delimiter:
        path = trim_fill(request, path, was.encoding, ParseReport())
    if was.encoding:
        path = transcode_to_utf8(request, path, was.encoding)
    if was.delimiter:
        path = replace_delimiter(request, path, was.delimiter, record.delimiter, _format_of(record))
    return path


def _format_of(record: ReadRecord) -> CsvFormat:
    return CsvFormat(quote=record.quote, max_field_bytes=record.max_field_bytes)


def _report_of(record: ReadRecord) -> ParseReport:
    told = dict(record.report)
    skipped, rows, notices = told.pop("skipped"), told.pop("skipped_rows"), told.pop("notices")
    return ParseReport(told, list(skipped), rows, list(notices))
