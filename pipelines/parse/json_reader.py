"""JSON: records at a path, or one per line; nested members become dotted columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.parse.check_envelope import check_envelope
from citylake.pipelines.parse.encoding_decision import undecodable_fault
from citylake.pipelines.parse.flatten_json import (
    FlatRow,
    NoListError,
    flatten_columns,
    flatten_record,
    frames_of_columns,
)
from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.json_line_blocks import read_line_block
from citylake.pipelines.parse.json_lists import ListJoiner, UnevenColumnsError
from citylake.pipelines.parse.json_records import read_json_blocks, read_json_records
from citylake.pipelines.parse.json_stream import TEXT_DECODER, RepeatedMemberError
from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.record_frame import RecordFrame
from citylake.pipelines.parse.row_buffer import PlacedRow, RowBuffer
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.text_encoding import detect_encoding
from citylake.pipelines.parse.unwrap_json import unwrap_json_file, unwrap_json_record
from citylake.pipelines.parse.utf8_scan import first_undecodable_byte
from citylake.schemas.model.formats import JsonFormat


def read_json(request: ReadRequest, fmt: JsonFormat) -> ReadResult:
    """Write every file of ``request`` as one table.

    ``_part`` is the page if there are several; ``_row`` is the row's number in it, or the line of JSON lines.
    """
    work = _JsonWork(request, fmt)
    spool = Spool(request.scratch)
    gathered = RowBuffer(request, spool, lambda batch: _split_intervals(request, batch, fmt.intervals)).all(work.rows())
    check_column_names(request, gathered.columns, 1)
    written = request.write(gathered.frame(), spool.group_rows)
    work.report.facts |= {"records": work.records, "pages": len(request.files)}
    for path in fmt.unwrap:
        if path not in work.unwrapped:
            work.report.add_notice("JSON_UNWRAP_ABSENT", file=request.shown, path=path)
    if not written:
        work.report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(gathered.columns, written, work.report)


@dataclass(slots=True)
class _JsonWork:
    request: ReadRequest
    fmt: JsonFormat
    report: ParseReport = field(default_factory=ParseReport)
    records: int = 0
    unwrapped: set[str] = field(default_factory=set)
    """The paths of ``unwrap`` that any document has."""
    joiner: ListJoiner | None = None
    decoder: RecordDecoder | None = None
    """For records that are rows as they are."""

    def __post_init__(self) -> None:
        """Prepare the joining of lists, or the decoding of records as columns."""
        if not (self.fmt.lists or self.fmt.explode or self.fmt.columns or (self.fmt.lines and self.fmt.unwrap)):
            self.decoder = RecordDecoder()
        if self.fmt.lists:
            self.joiner = ListJoiner(self.fmt.lists, self.fmt.explode or self.fmt.columns)

    def rows(self) -> Iterator[PlacedRow]:
        """Every row, or consecutive rows as columns, after the page and the number."""
        for page, path in enumerate(self.request.files, 1):
            part = str(page) if len(self.request.files) > 1 else ""
            text = detect_encoding(self.request, path, self.fmt.encoding, "json", self.report)
            try:
                document = unwrap_json_file(self.request, text.path, self.fmt, self.unwrapped)
                check_envelope(self.request, document, page)
                yield from ((part, number, row) for number, row in self._page(document))
            except UnicodeDecodeError:
                raise undecodable_fault(
                    self.request, first_undecodable_byte(text.path, "utf-8"), text.encoding
                ) from None

    def _page(self, path: Path) -> Iterator[tuple[int, FlatRow | RecordFrame]]:
        number = 0
        for line, record in self._lines(path) if self.fmt.lines else self._document(path):
            self.records += len(record) if isinstance(record, RecordFrame) else 1
            for made in self._exploded(record, line or number + 1):
                yield (line or number + 1), made
                number += len(made) if isinstance(made, RecordFrame) else 1

    def _exploded(self, record: Any, row: int) -> Iterator[FlatRow | RecordFrame]:
        if isinstance(record, RecordFrame):
            yield record
            return
        columns, explode = self.fmt.columns, self.fmt.explode
        record = self.joiner.joined(record) if self.joiner else record
        made: Iterable[FlatRow | RecordFrame]
        try:
            made = self._flattened(record)
        except NoListError:
            raise self.request.fault("JSON_NO_RECORDS", path=columns or explode, row=row) from None
        except UnevenColumnsError as error:
            raise self.request.fault("JSON_COLUMNS_UNEVEN", path=columns, row=row, lengths=str(error)) from None
        except RepeatedMemberError as error:
            raise self.request.fault("JSON_COLUMN_CLASH", row=row, column=str(error)) from None
        if not made:
            self.report.skip(row, "", "record without rows")
        yield from made

    def _flattened(self, record: Any) -> Iterable[FlatRow | RecordFrame]:
        """The rows of a record: all of them at once, so that none is used if the record has a fault."""
        if not self.fmt.columns:
            return list(flatten_record(record, self.fmt.explode))
        # The rows of a line all have its number, and the numbers of a frame follow each other.
        frames = None if self.fmt.lines else frames_of_columns(record, self.fmt.columns)
        return frames or list(flatten_columns(record, self.fmt.columns))

    def _document(self, path: Path) -> Iterator[tuple[None, Any]]:
        if self.decoder:
            found = read_json_blocks(self.request, path, self.fmt.records, self.decoder)
        else:
            found = read_json_records(self.request, path, self.fmt.records)
        return ((None, record) for record in found)

    def _lines(self, path: Path) -> Iterator[tuple[int, Any]]:
        limit = self.request.record_chars
        with LineReader(self.request, path, limit, self.report) as lines, path.open("rb") as file:
            while True:
                block = read_line_block(file, lines.offset, limit, self.decoder) if self.decoder else None
                if block:
                    first = lines.number + 1
                    lines.pass_over(block[1], len(block[0]))
                    yield first, block[0]
                elif line := next(iter(lines), None):
                    yield from self._line(lines.number, line)
                else:
                    return

    def _line(self, number: int, line: str) -> Iterator[tuple[int, Any]]:
        if line.strip():
            record = self._decoded(line.strip(), number)
            yield number, unwrap_json_record(record, self.fmt.unwrap, self.unwrapped)
        else:
            self.report.skip(number, line, "blank")

    def _decoded(self, line: str, number: int) -> Any:
        try:
            return TEXT_DECODER.decode(line)
        except json.JSONDecodeError as error:
            raise self.request.fault("JSON_BROKEN", row=number, column=error.colno, reason=error.msg) from None
        except RecursionError:
            raise self.request.fault("JSON_BROKEN", row=number, column=1, reason="nested too deeply") from None
        except RepeatedMemberError as error:
            raise self.request.fault("JSON_COLUMN_CLASH", row=number, column=str(error)) from None


def _split_intervals(request: ReadRequest, batch: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """``batch`` with ``<column>.start`` and ``.end`` for each ISO 8601 interval (``a/b``); an instant is both.

    Start and end are not checked here; the bindings of these columns do so. Raises JSON_COLUMN_CLASH if the record
    has a member of that name.
    """
    for column in columns:
        if column not in batch.columns:
            continue
        ends = {f"{column}.start": r"^([^/]*)", f"{column}.end": r"([^/]*)$"}
        _refuse_interval_clash(request, batch, ends)
        batch = batch.with_columns(pl.col(column).str.extract(ends[name], 1).alias(name) for name in ends)
    return batch


def _refuse_interval_clash(request: ReadRequest, batch: pl.DataFrame, names: dict[str, str]) -> None:
    for name in names:
        if name in batch.columns:
            row = batch.filter(pl.col(name).is_not_null()).head(1)["_row"]
            raise request.fault("JSON_COLUMN_CLASH", row=row.item() if len(row) else 1, column=name)
