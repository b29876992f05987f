"""The general CSV reader, record by record: a record that cannot be read is refused with its text and its line.

The whole file is held only if its structure is in doubt: the header cannot be read, or more lines do not fit it than
do. ``bad_rows: hold`` holds it at the first fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

import polars as pl
import polars.selectors as cs

from citylake.pipelines.parse.csv_header import unique_names
from citylake.pipelines.parse.csv_layout import CsvLayout, detect_csv_layout
from citylake.pipelines.parse.csv_table import CsvTableReader
from citylake.pipelines.parse.encoding_decision import check_utf8_lines
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.single_delimiter import with_single_delimiter
from citylake.pipelines.parse.text_encoding import detect_encoding, to_utf8
from citylake.schemas.model.formats import CsvFormat


def read_csv(request: ReadRequest, fmt: CsvFormat, part: str = "") -> ReadResult:
    """Write the one file of ``request``; ``_row`` is the line on which a record starts."""
    report = ParseReport()
    refuses = fmt.bad_rows == "quarantine" and request.refuse is not None
    text = detect_encoding(request, request.files[0], fmt.encoding, "csv", report, refuses_rows=refuses)
    text = to_utf8(request, text)
    if refuses:
        check_utf8_lines(request, text.path)
    text, fmt = with_single_delimiter(request, text, fmt, report)
    found = detect_csv_layout(request, text, fmt, report)
    table = _read_table(request, text.path, fmt, found, report, refuses=refuses)
    return _write_table(request, fmt, found, table, part)


def _read_table(
    request: ReadRequest, path: Path, fmt: CsvFormat, found: CsvLayout, report: ParseReport, *, refuses: bool
) -> CsvTableReader:
    """Read the records; once more for each thing that only the whole file shows."""
    escaped = 0

    def read(layout: CsvLayout, *, trailing: bool = True) -> CsvTableReader:
        table = CsvTableReader(request, path, fmt, layout, deepcopy(report), refuses=refuses, trailing=trailing)
        table.read()
        return table

    table = read(found)
    if table.escape_fits:
        escaped, table = table.first_escaped, read(table.with_escape())
    if table.trailing_is_rare:
        table = read(table.found, trailing=False)
    if escaped:
        table.report.add_notice("ESCAPE_GUESSED", file=request.shown, row=escaped)
    return table


def _write_table(
    request: ReadRequest, fmt: CsvFormat, found: CsvLayout, table: CsvTableReader, part: str
) -> ReadResult:
    report, refused = table.report, table.refused
    if refused.first and table.lines < refused.lines:
        raise refused.first
    frame, columns = _name_columns(request, fmt, found, table)
    rows = request.write(_drop_repeated_columns(request, frame, found).with_columns(_part=pl.lit(part)))
    if not rows and not fmt.names:
        report.add_notice("HEADER_ONLY", file=request.shown, row=found.header_row)
    if found.repeats:
        report.add_notice(
            "COLUMN_REPEATED", file=request.shown, row=found.header_row, columns=_list_names(found.repeats.values())
        )
    kept = tuple(column for column in columns if column not in found.repeats)
    return ReadResult(kept, rows, report, refused.write(request, part))


def _name_columns(
    request: ReadRequest, fmt: CsvFormat, found: CsvLayout, table: CsvTableReader
) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The rows without the nameless columns at the end that have no value; the others become ``column_N``."""
    frame, used = table.frame(), table.used_columns
    named = {name: f"column_{number}" for number, name in enumerate(table.columns, 1) if number > len(found.columns)}
    kept = unique_names([named.get(name, name) for name in table.columns[:used]])
    if used > len(found.columns):
        row, more = found.header_row, kept[len(found.columns) :]
        check_column_names(request, tuple(name for name in kept if name not in found.repeats), row)
        table.report.add_notice("COLUMN_NAMELESS", file=request.shown, row=row, columns=_list_names(more))
    # By name, because a column may be called ``*`` or ``^a.*$``, which polars takes for patterns.
    shown = frame.select("_row", cs.by_name(*table.columns[:used]))
    return shown.rename(dict(zip(table.columns, kept, strict=False))), kept


def _drop_repeated_columns(request: ReadRequest, frame: pl.LazyFrame, found: CsvLayout) -> pl.LazyFrame:
    """``frame`` without the columns that repeat another; raises COLUMN_DIFFERS if their values differ."""
    if not found.repeats:
        return frame
    pairs = found.repeats.items()
    differs = pl.any_horizontal(~cs.by_name(column).eq_missing(cs.by_name(name)) for column, name in pairs)
    first = frame.filter(differs).select("_row").head(1).collect(engine="streaming")
    if len(first):
        raise request.fault("COLUMN_DIFFERS", row=first.item(), columns=_list_names(found.repeats.values()))
    return frame.drop(cs.by_name(*found.repeats))


def _list_names(columns: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(columns))
