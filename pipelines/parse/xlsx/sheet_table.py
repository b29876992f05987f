"""The table in a sheet's cells: titles, header, rows, footer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from citylake.pipelines.parse.csv_header import header_names, rename_duplicates
from citylake.pipelines.parse.layout_doubts import FOOTER_RECORDS, looks_like_record
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, check_column_names
from citylake.pipelines.parse.xlsx.merged_cells import fill_merged
from citylake.pipelines.parse.xlsx.sheet_cells import SheetCells
from citylake.schemas.model.formats import XlsxFormat

_FOOTER_ROWS = 100
"""Rows of a footer that are searched for records."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """``rows``: the columns as text, ``_part`` and ``_row``; ``group_rows`` of them can be held in memory."""

    sheet: str
    columns: tuple[str, ...]
    header_row: int
    rows: pl.LazyFrame
    group_rows: int


def read_sheet_table(request: ReadRequest, cells: SheetCells, fmt: XlsxFormat, report: ParseReport) -> SheetTable:
    """The table of one sheet; raises HEADER_MISSING, HEADER_DUPLICATE or COLUMN_RESERVED."""
    first_row = fmt.title_rows + fmt.header_rows
    for number, title in enumerate(cells.head.head(fmt.title_rows).iter_rows(), 1):
        report.skip(number, _join_cells(title), "title")
    _skip_below_header(request, cells, first_row, fmt, report)
    names = _header(request, cells, fmt, report)
    body = cells.body if fmt.merged == "first" else fill_merged(request, cells, first_row, report)
    body = _body(request, cells, body, fmt, report)
    names, body = _name_columns(request, body, cells.columns, names, first_row, report)
    if fmt.sheet_field:
        names = (*names, fmt.sheet_field)
        check_column_names(request, names, first_row)
        body = body.with_columns(pl.lit(cells.name).alias(fmt.sheet_field))
    rows = body.with_columns(_part=pl.lit(cells.name))
    return SheetTable(cells.name, names, first_row, rows, cells.found.spool.group_rows)


def _skip_below_header(
    request: ReadRequest, cells: SheetCells, first_row: int, fmt: XlsxFormat, report: ParseReport
) -> None:
    last = min(first_row + fmt.skip_after_header, cells.found.rows)
    rows = _rows_of(cells.body.filter(pl.col("_row") <= last)) if last > first_row else {}
    for number in range(first_row + 1, last + 1):
        row = rows.get(number, ())
        report.skip(number, _join_cells(row), "below_header")
        if looks_like_record([cell or "" for cell in row]):
            _note_skipped(request, number, "skip_after_header", row, report)


def _header(request: ReadRequest, cells: SheetCells, fmt: XlsxFormat, report: ParseReport) -> tuple[str, ...]:
    row = fmt.title_rows + fmt.header_rows
    levels = [list(cells.head.row(place)) for place in range(fmt.title_rows, min(row, len(cells.head)))]
    if len(levels) < fmt.header_rows or not any(levels[-1]):
        raise request.fault("HEADER_MISSING", row=row)
    names = header_names(levels[0] if len(levels) == 1 else _join_levels(cells, levels, fmt.title_rows))
    if fmt.duplicate_columns == "rename":
        names = rename_duplicates(request, names, row, report)
    check_column_names(request, names, row)
    return names


def _name_columns(
    request: ReadRequest,
    body: pl.LazyFrame,
    columns: Sequence[str],
    names: tuple[str, ...],
    row: int,
    report: ParseReport,
) -> tuple[tuple[str, ...], pl.LazyFrame]:
    """The rows below the header; columns beyond it that have values are called ``column_N`` and reported."""
    beyond = columns[len(names) :]
    filled = body.select(pl.col(name).is_not_null().any() for name in beyond).collect(engine="streaming")
    used = [number for number, name in enumerate(beyond, 1) if filled[name].any()]
    more = [f"column_{len(names) + number}" for number in range(1, max(used, default=0) + 1)]
    kept = (*names, *more)
    if more:
        check_column_names(request, kept, row)
        report.add_notice("COLUMN_NAMELESS", file=request.shown, row=row, columns=", ".join(more))
    shown = [pl.col(column).alias(name) for column, name in zip(columns, kept, strict=False)]
    return kept, body.select("_row", *shown)


def _join_levels(cells: SheetCells, levels: list[list[str | None]], top: int) -> list[str | None]:
    """One name a column: the texts of its header rows, joined by ``.``; a merged range names all its columns."""
    offset = cells.offset
    for first_row, first, last_row, last in cells.found.merged:
        if top <= first_row < top + len(levels) and 0 <= first - offset < len(levels[0]):
            text = levels[first_row - top][first - offset]
            for row in range(first_row - top, min(last_row - top + 1, len(levels))):
                levels[row][first - offset : last - offset + 1] = [text] * (
                    min(last - offset + 1, len(levels[0])) - first + offset
                )
    return [".".join(dict.fromkeys(filter(None, names))) or None for names in zip(*levels, strict=True)]


def _body(
    request: ReadRequest, cells: SheetCells, body: pl.LazyFrame, fmt: XlsxFormat, report: ParseReport
) -> pl.LazyFrame:
    """The rows below the header, without footer and blank rows."""
    start, last = fmt.title_rows + fmt.header_rows + fmt.skip_after_header, cells.found.rows
    body = body.filter(pl.col("_row") > start)
    if fmt.footer and cells.columns:
        begins = pl.col(cells.columns[0]).str.contains(f"^(?:{fmt.footer})")
        ends = body.filter(begins).select("_row").head(1).collect(engine="streaming")
        if len(ends):
            first = int(ends["_row"][0])
            below = _rows_of(body.filter(pl.col("_row") >= first).head(_FOOTER_ROWS))
            _note_footer(request, below, report)
            _skip_rows(range(first, last + 1), below, "footer", report)
            body, last = body.filter(pl.col("_row") < first), first - 1
    _skip_rows(_absent_rows(body, start, last), {}, "blank", report)
    return body


def _absent_rows(body: pl.LazyFrame, start: int, last: int) -> list[int]:
    """The rows below ``start``, up to ``last``, that are not in ``body``."""
    absent = np.ones(max(last - start, 0), np.bool_)
    present = body.select("_row").collect(engine="streaming")["_row"].to_numpy()
    absent[present - start - 1] = False
    return [int(place) + start + 1 for place in np.flatnonzero(absent)]


def _note_footer(request: ReadRequest, below: Mapping[int, Sequence[str | None]], report: ParseReport) -> None:
    alike = [(number, row) for number, row in below.items() if looks_like_record([cell or "" for cell in row])]
    if len(alike) >= FOOTER_RECORDS:
        _note_skipped(request, alike[0][0], "footer", alike[0][1], report)


def _note_skipped(request: ReadRequest, row: int, word: str, cells: Sequence[str | None], report: ParseReport) -> None:
    """Report a row that ``word`` skips although it looks like a record."""
    report.add_notice("SKIPPED_LIKE_DATA", file=request.shown, row=row, word=word, text=_join_cells(cells))


def _skip_rows(rows: Iterable[int], texts: Mapping[int, Sequence[str | None]], why: str, report: ParseReport) -> None:
    """Report rows that are no records; ``texts``: the cells of the first of them."""
    for row in rows:
        report.skip(row, _join_cells(texts.get(row, ())), why)


def _rows_of(body: pl.LazyFrame) -> dict[int, tuple[str | None, ...]]:
    return {row[0]: row[1:] for row in body.collect(engine="streaming").iter_rows()}


def _join_cells(cells: Sequence[str | None]) -> str:
    return " ".join(cell for cell in cells if cell)
