"""The table in a sheet's cells: titles, header, rows, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from citylake.pipelines.parse.csv_header import header_names, rename_duplicates
from citylake.pipelines.parse.layout_doubts import FOOTER_RECORDS, looks_like_record
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, check_column_names
from citylake.pipelines.parse.xlsx.sheet_cells import SheetSource, column_letters
from citylake.schemas.model.formats import XlsxFormat

_FOOTER_ROWS = 100
"""Rows of a footer that are searched for records."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """``rows``: the columns as text, ``_part`` and ``_row``."""

    sheet: str
    columns: tuple[str, ...]
    header_row: int
    rows: pl.DataFrame


def read_sheet_table(
    request: ReadRequest, source: SheetSource, cells: pl.DataFrame, fmt: XlsxFormat, report: ParseReport
) -> SheetTable:
    """The table of one sheet; raises HEADER_MISSING, HEADER_DUPLICATE or COLUMN_RESERVED."""
    for number, title in enumerate(cells.head(fmt.title_rows).iter_rows(), 1):
        report.skip(number, _join_cells(title), "title")
    below = cells[source.first_row : source.first_row + fmt.skip_after_header]
    for number, row in enumerate(below.iter_rows(), source.first_row + 1):
        report.skip(number, _join_cells(row), "below_header")
        if looks_like_record([cell or "" for cell in row]):
            _note_skipped(request, number, "skip_after_header", row, report)
    names = _header(request, source, cells, fmt, report)
    names, body = _name_columns(request, source, _fill_merged(request, source, cells, fmt, report), names, fmt, report)
    if fmt.sheet_field:
        names = (*names, fmt.sheet_field)
        check_column_names(request, names, source.first_row)
        body = body.with_columns(pl.lit(source.name).alias(fmt.sheet_field))
    return SheetTable(source.name, names, source.first_row, body.with_columns(_part=pl.lit(source.name)))


def _header(
    request: ReadRequest, source: SheetSource, cells: pl.DataFrame, fmt: XlsxFormat, report: ParseReport
) -> tuple[str, ...]:
    row = source.first_row
    levels = [list(cells.row(place)) for place in range(fmt.title_rows, min(row, len(cells)))]
    if len(levels) < fmt.header_rows or not any(levels[-1]):
        raise request.fault("HEADER_MISSING", row=row)
    names = header_names(levels[0] if len(levels) == 1 else _join_levels(source, levels, fmt.title_rows))
    if fmt.duplicate_columns == "rename":
        names = rename_duplicates(request, names, row, report)
    check_column_names(request, names, row)
    return names


def _name_columns(
    request: ReadRequest,
    source: SheetSource,
    cells: pl.DataFrame,
    names: tuple[str, ...],
    fmt: XlsxFormat,
    report: ParseReport,
) -> tuple[tuple[str, ...], pl.DataFrame]:
    """The rows below the header; columns beyond it that have values are called ``column_N`` and reported."""
    wide = (*names, *(f"column_{number}" for number in range(len(names) + 1, cells.width + 1)))
    body = _body(request, cells, wide, fmt, report)
    used = [place for place, name in enumerate(wide, 1) if place > len(names) and body[name].null_count() < len(body)]
    if not used:
        return names, body.select("_row", *names)
    kept = wide[: used[-1]]
    check_column_names(request, kept, source.first_row)
    more = ", ".join(kept[len(names) :])
    report.add_notice("COLUMN_NAMELESS", file=request.shown, row=source.first_row, columns=more)
    return kept, body.select("_row", *kept)


def _join_levels(source: SheetSource, levels: list[list[str | None]], top: int) -> list[str | None]:
    """One name a column: the texts of its header rows, joined by ``.``; a merged range names all its columns."""
    offset = source.scan.first_column if source.scan else 0
    for first_row, first, last_row, last in source.scan.merged if source.scan else ():
        if top <= first_row < top + len(levels) and 0 <= first - offset < len(levels[0]):
            text = levels[first_row - top][first - offset]
            for row in range(first_row - top, min(last_row - top + 1, len(levels))):
                levels[row][first - offset : last - offset + 1] = [text] * (
                    min(last - offset + 1, len(levels[0])) - first + offset
                )
    return [".".join(dict.fromkeys(filter(None, names))) or None for names in zip(*levels, strict=True)]


def _fill_merged(
    request: ReadRequest, source: SheetSource, cells: pl.DataFrame, fmt: XlsxFormat, report: ParseReport
) -> pl.DataFrame:
    """Every cell of a merged range below the header gets the range's value; reported with the first range."""
    merged = [each for each in source.scan.merged if each[0] >= source.first_row] if source.scan else []
    if not merged or source.scan is None or fmt.merged == "first":
        return cells
    offset, columns = source.scan.first_column, cells.get_columns()
    for top, left, bottom, right in merged:
        if top < len(cells) and 0 <= left - offset < len(columns):
            value, rows = columns[left - offset][top], list(range(top, min(bottom + 1, len(cells))))
            for place in range(left - offset, min(right - offset + 1, len(columns))):
                columns[place] = columns[place].scatter(rows, value)
    top, left, bottom, right = min(merged)
    where = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
    values = {"sheet": source.name, "number": len(merged), "cell": where, "row": top + 1}
    report.add_notice("CELLS_MERGED", file=request.shown, **values)
    return pl.DataFrame(columns)


def _body(
    request: ReadRequest, cells: pl.DataFrame, columns: tuple[str, ...], fmt: XlsxFormat, report: ParseReport
) -> pl.DataFrame:
    """The rows below the header, without footer and blank rows."""
    start = fmt.title_rows + fmt.header_rows + fmt.skip_after_header
    body = cells[start:, : len(columns)]
    body.columns = list(columns)
    body = body.with_row_index("_row", start + 1).with_columns(pl.col("_row").cast(pl.Int64))
    if fmt.footer:
        ends = body.filter(pl.col(columns[0]).str.contains(f"^(?:{fmt.footer})")).head(1)
        if len(ends):
            below = body.filter(pl.col("_row") >= ends["_row"][0])
            alike = [
                row for row in below.head(_FOOTER_ROWS).iter_rows() if looks_like_record([c or "" for c in row[1:]])
            ]
            if len(alike) >= FOOTER_RECORDS:
                _note_skipped(request, alike[0][0], "footer", alike[0][1:], report)
            body = _skip_rows(body, pl.col("_row") >= ends["_row"][0], "footer", report)
    return _skip_rows(body, pl.all_horizontal(pl.exclude("_row").is_null()), "blank", report)


def _note_skipped(request: ReadRequest, row: int, word: str, cells: Sequence[str | None], report: ParseReport) -> None:
    """Report a row that ``word`` skips although it looks like a record."""
    report.add_notice("SKIPPED_LIKE_DATA", file=request.shown, row=row, word=word, text=_join_cells(cells))


def _skip_rows(body: pl.DataFrame, out: pl.Expr, why: str, report: ParseReport) -> pl.DataFrame:
    for row, *cells in body.select("_row", pl.exclude("_row")).filter(out).iter_rows():
        report.skip(row, _join_cells(cells), why)
    return body.filter(~out)


def _join_cells(cells: Sequence[str | None]) -> str:
    return " ".join(cell for cell in cells if cell)
