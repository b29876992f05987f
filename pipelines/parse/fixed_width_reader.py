"""Text whose columns stand at fixed places of each line, as columns of text."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.parse.encoding_decision import undecodable_fault
from citylake.pipelines.parse.parse_limits import MAX_SKIPPED_LINES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.text_encoding import detect_encoding, to_utf8
from citylake.pipelines.parse.utf8_scan import first_undecodable_byte
from citylake.schemas.model.formats import FixedWidthFormat

_TEXT, _LENGTH = pl.col("_text"), pl.col("_text").str.len_chars()


def read_fixed_width(request: ReadRequest, fmt: FixedWidthFormat) -> ReadResult:
    """Write the one file of ``request``; ``_row`` is the line. Raises LINE_SHORT, and faults of its encoding."""
    report, spans = ParseReport(), fmt.spans()
    check_column_names(request, tuple(spans), 1)
    text = to_utf8(request, detect_encoding(request, request.files[0], fmt.encoding, "fixed_width", report))
    # A mark or a declaration says UTF-8, and only the bytes prove it.
    if bad := first_undecodable_byte(text.path, "utf-8"):
        raise undecodable_fault(request, bad, "utf-8")
    lines = _table_lines(pl.scan_lines(text.path, name="_text", row_index_name="_row", row_index_offset=1), fmt, report)
    least = 1 if fmt.short_lines == "blank" else max(start + (length or 1) for start, length in spans.values())
    short = lines.filter(least > _LENGTH)
    refused = _refuse_short_lines(request, short, least, fmt)
    fields = [_field(start, length).alias(name) for name, (start, length) in spans.items()]
    written = request.write(lines.filter(least <= _LENGTH).select("_row", *fields, _part=pl.lit("")))
    if refused > written:
        raise _short_fault(request, short, least)
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=fmt.title_rows)
    return ReadResult(tuple(spans), written, report, refused)


def _table_lines(lines: pl.LazyFrame, fmt: FixedWidthFormat, report: ParseReport) -> pl.LazyFrame:
    """The lines with data; the others go to the report."""
    lines = lines.select(pl.col("_row").cast(pl.Int64), _TEXT.str.strip_suffix("\r").str.strip_prefix("\ufeff"))
    end = _footer_row(lines, fmt)
    commented = _TEXT.str.starts_with(fmt.comment) if fmt.comment else pl.lit(value=False)
    why = (
        pl.when(pl.col("_row") <= fmt.title_rows)
        .then(pl.lit("title"))
        .when(pl.col("_row") >= end)
        .then(pl.lit("footer"))
        .when(_TEXT.str.strip_chars() == "")
        .then(pl.lit("blank"))
        .when(commented)
        .then(pl.lit("comment"))
    )
    skipped = lines.with_columns(_why=why).filter(pl.col("_why").is_not_null())
    for row, line, reason in skipped.head(MAX_SKIPPED_LINES).collect(engine="streaming").iter_rows():
        report.skip(row, line, reason)
    report.skipped_rows = int(skipped.select(pl.len()).collect(engine="streaming").item())
    return lines.filter(why.is_null())


def _footer_row(lines: pl.LazyFrame, fmt: FixedWidthFormat) -> int:
    """The first line after the table; beyond any line if it goes to the end."""
    if not fmt.footer:
        return 1 << 62
    below = lines.filter((pl.col("_row") > fmt.title_rows) & _TEXT.str.contains(f"^(?:{fmt.footer})"))
    found = below.select("_row").head(1).collect(engine="streaming")
    return int(found.item()) if found.height else 1 << 62


def _field(start: int, length: int | None) -> pl.Expr:
    value = _TEXT.str.slice(start, length).str.strip_chars()
    return pl.when(value != "").then(value)


def _refuse_short_lines(request: ReadRequest, short: pl.LazyFrame, least: int, fmt: FixedWidthFormat) -> int:
    if not short.head(1).collect(engine="streaming").height:
        return 0
    if fmt.bad_rows == "hold" or request.refuse is None:
        raise _short_fault(request, short, least)
    reason = {"code": pl.lit("LINE_SHORT"), "value": _LENGTH.cast(pl.String), "detail": pl.lit(str(least))}
    return request.refuse(short.select("_row", text=_TEXT, **reason, _part=pl.lit("")))


def _short_fault(request: ReadRequest, short: pl.LazyFrame, least: int) -> Exception:
    row, line = short.head(1).collect(engine="streaming").row(0)
    return request.fault("LINE_SHORT", row=row, found=len(line), expected=least)
