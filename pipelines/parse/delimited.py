"""CSV record by record: whatever the bytes are like, each record is told apart, or refused with its row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from pipelines.parse.given import Given, Read, Report, texts
from pipelines.parse.layout import Layout, layout
from pipelines.parse.limits import BATCH_CHARS, BATCH_ROWS
from pipelines.parse.lines import Lines
from pipelines.parse.split import Fields, records
from pipelines.parse.spool import Spool
from pipelines.parse.text import Text, as_text, bad_row, guessed, in_utf8
from schemas.formats import CsvFormat


def read(given: Given, fmt: CsvFormat, part: str = "") -> Read:
    """Write the one file of ``given``; ``_row`` is the line on which a record starts."""
    report = Report()
    text = as_text(given, given.files[0], fmt.encoding, "csv", report)
    try:
        return _read(given, in_utf8(given, text), fmt, report, part)
    except UnicodeDecodeError:
        if text.sure:
            raise given.fault("ENCODING_WRONG", row=bad_row(text.path, "utf-8"), encoding=text.encoding) from None
    report = Report(notices=report.notices)
    return _read(given, in_utf8(given, guessed(given, text.path, report)), fmt, report, part)


def _read(given: Given, text: Text, fmt: CsvFormat, report: Report, part: str) -> Read:
    found = layout(given, text, fmt, report)
    rows = _rows(given, text, fmt, found, report, part)
    if not rows and not fmt.header:
        report.tell("HEADER_ONLY", file=given.shown, row=fmt.title_rows + 1)
    if found.repeats:
        report.tell("COLUMN_REPEATED", file=given.shown, row=fmt.title_rows + 1, columns=_names(found.repeats.values()))
    return Read(tuple(column for column in found.columns if column not in found.repeats), rows, report)


def _rows(given: Given, text: Text, fmt: CsvFormat, found: Layout, report: Report, part: str) -> int:
    spool = Spool(given.scratch)
    schema = {"_row": pl.Int64(), **texts(found.columns)}
    with Lines(given, text.path, fmt.max_field_bytes, report) as lines:
        _pass_header(lines, found)
        rows = _table(given, lines, fmt, found, report)
        for batch in _batches(rows, lines):
            spool.add(pl.DataFrame(batch, schema=schema, orient="row"))
    frame = spool.frame() if spool.files else pl.LazyFrame(schema=schema)
    return given.write(_once(given, frame, found).with_columns(_part=pl.lit(part)))


def _once(given: Given, frame: pl.LazyFrame, found: Layout) -> pl.LazyFrame:
    """``frame`` without the columns that repeat another; raises COLUMN_DIFFERS where they do not."""
    if not found.repeats:
        return frame
    pairs = found.repeats.items()
    differs = pl.any_horizontal(~pl.col(column).eq_missing(pl.col(name)) for column, name in pairs)
    first = frame.filter(differs).select("_row").head(1).collect(engine="streaming")
    if len(first):
        raise given.fault("COLUMN_DIFFERS", row=first.item(), columns=_names(found.repeats.values()))
    return frame.drop(list(found.repeats))


def _names(columns: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(columns))


def _pass_header(lines: Lines, found: Layout) -> None:
    source = iter(lines)
    while lines.number < found.first_line - 1:
        lines.record_ends(next(source))


def _table(given: Given, lines: Lines, fmt: CsvFormat, found: Layout, report: Report) -> Iterator[list[object]]:
    """Records of the right width with their line first; titles, comments, footers and blank lines go to the report."""
    footer = re.compile(fmt.footer) if fmt.footer else None
    ended = False
    for row, fields in records(given, lines, found.dialect, fmt.max_field_bytes):
        first = fields[0] or ""
        ended = ended or bool(footer and footer.match(first))
        why = "footer" if ended else _no_record(fields, first, fmt)
        if why:
            report.skip(row, found.dialect.delimiter.join(field or "" for field in fields), why)
            continue
        yield [row, *_fitted(given, found, row, fields)]


def _no_record(fields: Fields, first: str, fmt: CsvFormat) -> str | None:
    if fields == [None]:
        return "blank"
    return "comment" if fmt.comment and first.startswith(fmt.comment) else None


def _fitted(given: Given, found: Layout, row: int, fields: Fields) -> Fields:
    """The fields of the named columns; raises ROW_WIDTH. Nameless columns at the end may be absent, never filled."""
    columns = len(found.columns)
    if not columns <= len(fields) <= found.width or any(fields[columns:]):
        raise given.fault("ROW_WIDTH", row=row, found=len(fields), expected=columns)
    return fields[:columns]


def _batches(rows: Iterator[list[object]], lines: Lines) -> Iterator[list[list[object]]]:
    batch: list[list[object]] = []
    start = lines.bytes
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH_ROWS or lines.bytes - start >= BATCH_CHARS:
            yield batch
            batch, start = [], lines.bytes
    if batch:
        yield batch
