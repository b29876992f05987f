"""XLSX: one sheet, every cell as its displayed text."""

from __future__ import annotations

import re
from pathlib import Path

import fastexcel
import polars as pl

from citylake.pipelines.parse.csv_header import header_names
from citylake.pipelines.parse.parse_limits import WORKBOOK_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.pull import zip_archive
from citylake.schemas.model.formats import XlsxFormat

_CELL_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
# Excel stores a time of day as a moment on the day before its epoch.
_TIME_ONLY = "1899-12-31 "


def read_xlsx(request: ReadRequest, fmt: XlsxFormat) -> ReadResult:
    """Write the sheet; ``_part`` is its name, ``_row`` the row in it.

    Raises WORKBOOK_BROKEN, SHEET_MISSING, and the header faults of CSV.
    """
    report = ParseReport()
    workbook = _open_workbook(request)
    if fmt.sheet is not None and fmt.sheet not in workbook.sheet_names:
        raise request.fault("SHEET_MISSING", sheet=fmt.sheet, sheets=", ".join(workbook.sheet_names))
    sheet = fmt.sheet or workbook.sheet_names[0]
    cells = _read_cells(workbook, sheet, fmt.title_rows)
    columns = _sheet_header(request, cells, fmt, report)
    table = _sheet_body(cells, columns, fmt, report)
    rows = request.write(table.lazy().with_columns(_part=pl.lit(sheet)))
    report.facts |= {"sheet": sheet, "header_row": fmt.title_rows + 1}
    if not rows:
        report.add_notice("HEADER_ONLY", file=request.shown, row=fmt.title_rows + 1)
    return ReadResult(columns, rows, report)


def _open_workbook(request: ReadRequest) -> fastexcel.ExcelReader:
    path = request.files[0]
    if not path.stat().st_size:
        raise request.fault("FILE_EMPTY", row=1)
    _check_unpacked_size(request, path)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise request.fault("WORKBOOK_BROKEN", reason=str(error).splitlines()[0]) from error


def _check_unpacked_size(request: ReadRequest, path: Path) -> None:
    """Refuse a workbook that is too large: it is unpacked into memory."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
        with zip_archive.open_zip(file, request.shown) as zipped:
            size = sum(info.file_size for info in zipped.infolist())
    if size > WORKBOOK_BYTES:
        raise request.fault("ZIP_TOO_LARGE", member="*", size=size, limit=WORKBOOK_BYTES)


def _read_cells(workbook: fastexcel.ExcelReader, sheet: str, title_rows: int) -> pl.DataFrame:
    """The sheet from its first row, as text."""
    text = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = text.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    # Only cells of a date type become dates; text that looks like a date remains text.
    moments = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="datetime").to_polars()
    spans = _duration_columns(workbook, sheet, title_rows) if len(cells) > title_rows + 1 else {}
    shown = [
        _format_durations(cells[name], spans[place])
        if place in spans
        else _format_moments(cells[name], moments.to_series(place))
        for place, name in enumerate(cells.columns)
    ]
    found = {} if errors is None else {error.position: error.detail for error in errors.errors}
    return _fill_cell_errors(pl.DataFrame(shown), found)


def _duration_columns(workbook: fastexcel.ExcelReader, sheet: str, title_rows: int) -> dict[int, pl.Series]:
    """The columns of durations (``[h]:mm``), by index; null in the header's rows."""
    below = workbook.load_sheet(sheet, header_row=None, skip_rows=title_rows + 1, schema_sample_rows=None)
    found = [column.index for column in below.available_columns() if column.dtype == "duration"]
    if not found:
        return {}
    spans = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="duration").to_polars()
    return {place: spans.to_series(place) for place in found}


def _format_durations(cells: pl.Series, spans: pl.Series) -> pl.Series:
    """Hours may exceed 24: ``25:30:00``."""
    seconds = spans.dt.total_seconds()
    said = [None if span is None else f"{span // 3600:02d}:{span // 60 % 60:02d}:{span % 60:02d}" for span in seconds]
    return pl.Series(cells.name, said, dtype=pl.String).fill_null(cells)


def _format_moments(cells: pl.Series, moments: pl.Series) -> pl.Series:
    """ISO 8601: only the date if the whole column has no time, only the time if there is no date."""
    moment = cells.str.contains(_MOMENT).fill_null(value=False) & moments.is_not_null()
    if not moment.any():
        return cells
    timed = moment & cells.str.starts_with(_TIME_ONLY)
    whole = bool(cells.filter(moment & ~timed).str.ends_with(" 00:00:00").all())
    dates = cells.str.slice(0, 10) if whole else cells
    frame = pl.DataFrame({"cell": cells, "date": dates, "time": cells.str.slice(len(_TIME_ONLY))})
    said = pl.when(timed).then("time").when(moment).then("date").otherwise("cell")
    return frame.select(said.alias(cells.name)).to_series()


def _fill_cell_errors(cells: pl.DataFrame, found: dict[tuple[int, int], str]) -> pl.DataFrame:
    """``#N/A`` and other error values, which the reader returns as null."""
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), detail in found.items():
        kind = re.search(r"Error\((\w+)\)", detail)
        by_column.setdefault(column, {})[row] = _CELL_ERRORS.get(kind[1], "#ERROR") if kind else "#ERROR"
    columns = cells.get_columns()
    for place, errors in by_column.items():
        columns[place] = columns[place].scatter(list(errors), list(errors.values()))
    return pl.DataFrame(columns)


def _sheet_header(request: ReadRequest, cells: pl.DataFrame, fmt: XlsxFormat, report: ParseReport) -> tuple[str, ...]:
    row = fmt.title_rows + 1
    for number, title in enumerate(cells.head(fmt.title_rows).iter_rows(), 1):
        report.skip(number, _join_cells(title), "title")
    if len(cells) < row or not any(cells.row(row - 1)):
        raise request.fault("HEADER_MISSING", row=row)
    names = header_names(cells.row(row - 1))
    check_column_names(request, names, row)
    over = cells[row:, len(names) :].with_row_index("_row", row + 1)
    filled = over.filter(pl.any_horizontal(pl.exclude("_row").is_not_null())) if over.width > 1 else over.clear()
    if len(filled):
        raise request.fault("ROW_WIDTH", row=filled["_row"][0], found=over.width - 1 + len(names), expected=len(names))
    return names


def _sheet_body(cells: pl.DataFrame, columns: tuple[str, ...], fmt: XlsxFormat, report: ParseReport) -> pl.DataFrame:
    """The rows below the header, without footer and blank rows."""
    start = fmt.title_rows + 1
    body = cells[start:, : len(columns)]
    body.columns = list(columns)
    body = body.with_row_index("_row", start + 1).with_columns(pl.col("_row").cast(pl.Int64))
    if fmt.footer:
        ends = body.filter(pl.col(columns[0]).str.contains(f"^(?:{fmt.footer})")).head(1)
        last = ends["_row"][0] if len(ends) else None
        body = _skip_rows(body, pl.col("_row") >= last, "footer", report) if last is not None else body
    return _skip_rows(body, pl.all_horizontal(pl.exclude("_row").is_null()), "blank", report)


def _skip_rows(body: pl.DataFrame, out: pl.Expr, why: str, report: ParseReport) -> pl.DataFrame:
    for row, *cells in body.select("_row", pl.exclude("_row")).filter(out).iter_rows():
        report.skip(row, _join_cells(cells), why)
    return body.filter(~out)


def _join_cells(cells: list[str | None] | tuple[str | None, ...]) -> str:
    return " ".join(cell for cell in cells if cell)
