"""A sheet as the text that a person would see: the rows of titles and header, and those below, which stay on disk."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citylake.pipelines.parse.parse_limits import SPARSE_CELLS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.xlsx.cell_moments import MomentColumn, SerialNote, show_moments
from citylake.pipelines.parse.xlsx.cell_values import MOMENT, NUMBER, SPAN
from citylake.pipelines.parse.xlsx.sheet_spool import SheetSpool
from citylake.pipelines.parse.xlsx.sheet_xml import column_letters
from citylake.pipelines.parse.xlsx.workbook_parts import WorkbookParts

_SPARSE_SHARE = 20
"""Places for each cell with a value, above which a large sheet is sparse."""


@dataclass(frozen=True, slots=True)
class SheetCells:
    """Columns count from the first one with a value."""

    name: str
    head: pl.DataFrame
    """The first rows of the sheet, above ``body``: a column of text for each column."""
    body: pl.LazyFrame
    """``_row`` (from 1), and ``c<number>``: the rows below that have a value."""
    found: SheetSpool

    @property
    def offset(self) -> int:
        """The sheet's column that is the first one here."""
        return self.found.first_column

    @property
    def columns(self) -> list[str]:
        """The columns of ``body`` besides ``_row``."""
        return [f"c{column}" for column in range(self.offset, self.offset + self.found.width)]


def check_spread(request: ReadRequest, name: str, found: SheetSpool) -> None:
    """Raise WORKBOOK_SPARSE for a sheet whose cells are far apart, FILE_EXPANDS for one of repeated long texts."""
    places = found.width * found.rows
    if places > SPARSE_CELLS and places > _SPARSE_SHARE * found.cells:
        row, column = found.last_cell
        cell = f"{column_letters(column)}{row + 1}"
        raise request.fault("WORKBOOK_SPARSE", sheet=name, cell=cell, cells=found.cells, places=places)


def show_cells(
    request: ReadRequest, name: str, found: SheetSpool, parts: WorkbookParts, first_row: int, report: ParseReport
) -> SheetCells:
    """The sheet's cells; reports what was not stored as it is shown. ``first_row``: the first below the header."""
    frame = _all_columns(found)
    head, body = frame.filter(pl.col("_row") <= first_row), frame.filter(pl.col("_row") > first_row)
    for code, note in found.notes.items():
        row, column = note.place
        _notice(request, report, code, name, SerialNote(note.cells, row + 1, column, note.text))
    _report_altered(request, name, found, parts, body, report)
    dated = [each for each in found.columns_of(MOMENT) if SPAN not in found.kinds[each]]
    timed = [MomentColumn(each, bool(found.styles[each] & parts.timed_styles), parts.epoch_1904) for each in dated]
    body, serials = show_moments(body, timed)
    if serials:
        first = min(serials, key=lambda note: (note.row, note.column))
        whole = SerialNote(sum(note.cells for note in serials), first.row, first.column, first.text)
        _notice(request, report, "DATE_SERIALS", name, whole)
    untimed = [MomentColumn(each, timed=False, epoch_1904=parts.epoch_1904) for each in dated]
    above, _ = show_moments(head.collect().lazy(), untimed)
    columns = [f"c{column}" for column in range(found.first_column, found.first_column + found.width)]
    rows = pl.LazyFrame({"_row": range(1, min(first_row, found.rows) + 1)}, schema={"_row": pl.Int64})
    dense = rows.join(above, on="_row", how="left", maintain_order="left").select(columns).collect()
    return SheetCells(name, dense, body.select("_row", *columns), found)


def _all_columns(found: SheetSpool) -> pl.LazyFrame:
    """The rows with every column of the sheet, also those without a value."""
    if not found.cells:
        return pl.LazyFrame(schema={"_row": pl.Int64})
    frame, known = found.spool.frame(), found.spool.columns
    absent = [f"c{column}" for column in range(found.first_column, found.first_column + found.width)]
    kinds = [f"k{column}" for column in found.columns_of() if f"k{column}" not in known]
    missing = [pl.lit(None, pl.String).alias(name) for name in absent if name not in known]
    return frame.with_columns(*missing, *(pl.lit(None, pl.Int8).alias(name) for name in kinds))


def _report_altered(
    request: ReadRequest, name: str, found: SheetSpool, parts: WorkbookParts, body: pl.LazyFrame, report: ParseReport
) -> None:
    """Report numbers that the workbook shows with zeros before them, or as a percentage."""
    codes = {
        column: parts.altered_styles[min(shown)]
        for column, styles in sorted(found.styles.items())
        if (shown := styles & parts.altered_styles.keys())
    }
    if not codes:
        return
    altered = body.select(_is_altered(column, code) for column, code in codes.items()).collect(engine="streaming")
    chosen = [column for column in codes if altered[f"c{column}"][0]]
    if chosen:
        columns = ", ".join(f"{column_letters(column)} ({codes[column]})" for column in chosen)
        report.add_notice("NUMBERS_FORMATTED", file=request.shown, sheet=name, columns=columns)


def _is_altered(column: int, code: str) -> pl.Expr:
    """Whether a number is shown as a percentage, or has fewer digits than the format has zeros."""
    number = pl.col(f"k{column}").fill_null(0) == NUMBER
    short = pl.col(f"c{column}").str.len_chars() < code.count("0")
    return (number if "%" in code else number & short).any().alias(f"c{column}")


def _notice(request: ReadRequest, report: ParseReport, code: str, sheet: str, note: SerialNote) -> None:
    cell = f"{column_letters(note.column)}{note.row}"
    report.add_notice(code, file=request.shown, sheet=sheet, cells=note.cells, cell=cell, row=note.row, text=note.text)
