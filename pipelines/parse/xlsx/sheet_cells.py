"""The cells of a sheet as the text that a person would see, from the first row and the first column with a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import fastexcel
import polars as pl

from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.xlsx.cell_moments import LAST_SERIAL, format_durations, format_moments, looks_like_moment
from citylake.pipelines.parse.xlsx.sheet_scan import CellPlace, SheetScan
from citylake.pipelines.parse.xlsx.workbook_parts import WorkbookParts

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
_LONGEST_SPAN = timedelta(days=3653)
"""A duration is shorter; what is longer is a date in a column of durations."""
_NUMBER = r"^-?\d+(\.\d+)?$"


@dataclass(frozen=True, slots=True)
class SheetSource:
    """A sheet of an open workbook; ``scan`` is None where the file's XML cannot be searched."""

    workbook: fastexcel.ExcelReader
    name: str
    first_row: int
    """The first row below the header, from 0."""
    scan: SheetScan | None
    parts: WorkbookParts | None = None

    @property
    def epoch_1904(self) -> bool:
        """Whether dates count from 1904."""
        return bool(self.parts and self.parts.epoch_1904)

    def load(self, dtype: fastexcel.DType, columns: Sequence[int] | None = None) -> pl.DataFrame:
        """Every cell that can be of this type; ``columns`` are ascending and count from the first one with a value."""
        # The library counts the numbers of a list from column A.
        chosen = None if columns is None else (lambda column: column.index in columns)
        return self.workbook.load_sheet(
            self.name, header_row=None, skip_rows=0, dtypes=dtype, use_columns=chosen
        ).to_polars()

    def shows_time(self, column: int) -> bool:
        """Whether a cell of the column, counted from the first one with a value, has a format with a time of day."""
        if self.scan is None or self.parts is None:
            return False
        return not self.parts.timed_styles.isdisjoint(self.scan.styles.get(column + self.scan.first_column, set()))

    def altered_columns(self, width: int) -> dict[int, str]:
        """The first ``width`` columns with a cell whose format shows another number than is stored, each with it."""
        if self.scan is None or self.parts is None:
            return {}
        altered, first = self.parts.altered_styles, self.scan.first_column
        return {
            column - first: altered[min(found)]
            for column, styles in sorted(self.scan.styles.items())
            if (found := styles & altered.keys()) and column - first < width
        }

    def elapsed_columns(self) -> list[int] | None:
        """The columns with a cell that has the format of a duration; None if formats are not known."""
        if self.scan is None or self.parts is None:
            return None
        elapsed, first = self.parts.elapsed_styles, self.scan.first_column
        return sorted(column - first for column, styles in self.scan.styles.items() if not elapsed.isdisjoint(styles))


def read_sheet_cells(request: ReadRequest, source: SheetSource, report: ParseReport) -> pl.DataFrame:
    """The sheet as text; reports what was not stored as it is shown."""
    text = source.workbook.load_sheet(source.name, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = text.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    values = source.load("float") if len(cells) else cells
    cells = _exact_numbers(cells, values)
    _report_altered(request, cells, values, source, report)
    cells = _format_times(request, cells, values, source, report)
    found = {} if errors is None else {error.position: _error_text(error.detail) for error in errors.errors}
    if found:
        _notice(request, report, "CELL_ERRORS", source, found)
    return _fill_from_scan(request, _set_cells(cells, found), source, report)


def _report_altered(
    request: ReadRequest, cells: pl.DataFrame, values: pl.DataFrame, source: SheetSource, report: ParseReport
) -> None:
    """Report numbers that the workbook shows with zeros before them, or as a percentage."""
    shown = source.altered_columns(cells.width)
    offset, start = source.scan.first_column if source.scan else 0, source.first_row
    pairs = {place: (cells.to_series(place)[start:], values.to_series(place)[start:]) for place in shown}
    altered = [place for place, code in shown.items() if _is_altered(*pairs[place], code)]
    if altered:
        columns = ", ".join(f"{column_letters(place + offset)} ({shown[place]})" for place in altered)
        report.add_notice("NUMBERS_FORMATTED", file=request.shown, sheet=source.name, columns=columns)


def _is_altered(cells: pl.Series, values: pl.Series, code: str) -> bool:
    """Whether a number is shown as a percentage, or has fewer digits than the format has zeros."""
    numbers = cells.filter(values.is_not_null())
    return bool(len(numbers)) if "%" in code else bool((numbers.str.len_chars() < code.count("0")).any())


def _exact_numbers(cells: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Numbers with up to 15 digits, as a workbook shows them: the library's texts have only nine decimals."""
    return pl.DataFrame([_exact_column(*pair) for pair in zip(cells.get_columns(), values.get_columns(), strict=True)])


def _exact_column(cells: pl.Series, values: pl.Series) -> pl.Series:
    number = cells.str.contains(_NUMBER).fill_null(value=False)
    differs = number & values.is_not_null() & (cells.cast(pl.Float64, strict=False) != values).fill_null(value=False)
    if not differs.any():
        return cells
    rows = differs.arg_true()
    return cells.scatter(rows, [f"{value:.15g}".replace("e", "E") for value in values.gather(rows)])


def _format_times(
    request: ReadRequest, cells: pl.DataFrame, values: pl.DataFrame, source: SheetSource, report: ParseReport
) -> pl.DataFrame:
    spans = _duration_columns(source) if len(cells) > source.first_row else {}
    dated = _date_cells(cells, values, source)
    shown: list[pl.Series] = []
    serials: dict[CellPlace, str] = {}
    for place, name in enumerate(cells.columns):
        if place in spans:
            shown.append(format_durations(cells[name], spans[place]))
            continue
        text, rows = _format_column(cells[name], values.to_series(place), dated.get(place), source, place)
        shown.append(text)
        serials |= {(row, place): cells[name][row] for row in rows}
    if serials:
        _notice(request, report, "DATE_SERIALS", source, serials)
    return pl.DataFrame(shown)


def _date_cells(cells: pl.DataFrame, values: pl.DataFrame, source: SheetSource) -> dict[int, pl.Series]:
    """By column, which cells are dates and not texts that look like dates; columns without either are left out.

    The library cannot read a column as dates that has a number beyond them: there, every such text is taken for a date.
    """
    similar = {place: looks_like_moment(column) for place, column in enumerate(cells.get_columns())}
    similar = {place: found for place, found in similar.items() if found.any()}
    safe = [place for place in similar if not (values.to_series(place).abs() > LAST_SERIAL).any()]
    loaded = source.load("datetime", safe) if safe else pl.DataFrame()
    moments = {place: loaded.to_series(number).is_not_null() for number, place in enumerate(safe)}
    return {place: found & moments.get(place, True) for place, found in similar.items()}


def _format_column(
    cells: pl.Series, values: pl.Series, dated: pl.Series | None, source: SheetSource, place: int
) -> tuple[pl.Series, list[int]]:
    """The header's cells and those below are different columns: dates in one say nothing about the other."""
    if dated is None:
        return cells, []
    start, era, timed = source.first_row, source.epoch_1904, source.shows_time(place)
    head, _ = format_moments(cells[:start], values[:start], dated[:start], timed=False, epoch_1904=era)
    body, rows = format_moments(cells[start:], values[start:], dated[start:], timed=timed, epoch_1904=era)
    return pl.concat([head, body]), [row + start for row in rows]


def _duration_columns(source: SheetSource) -> dict[int, pl.Series]:
    """The columns of durations (``[h]:mm``), by index; null in the header's rows and where a cell is something else."""
    found = source.elapsed_columns()
    if found is None:
        found = _inferred_durations(source)
    spans = source.load("duration", found) if found else pl.DataFrame()
    below = pl.int_range(len(spans), eager=True) >= source.first_row
    columns = {place: spans.to_series(number) for number, place in enumerate(found)}
    return {
        place: column.set(~(below & (column.abs() < _LONGEST_SPAN).fill_null(value=False)), None)
        for place, column in columns.items()
    }


def _inferred_durations(source: SheetSource) -> list[int]:
    """The columns whose cells are durations; all columns if the library cannot tell."""
    sheet = source.workbook.load_sheet(
        source.name, header_row=None, skip_rows=source.first_row, schema_sample_rows=None
    )
    try:
        return [column.index for column in sheet.available_columns() if column.dtype == "duration"]
    except fastexcel.UnsupportedColumnTypeCombinationError:
        return list(range(sheet.width))


def _error_text(detail: str) -> str:
    """``#N/A`` and other error values, which the library returns as null."""
    kind = re.search(r"Error\((\w+)\)", detail)
    return _CELL_ERRORS.get(kind[1], "#ERROR") if kind else "#ERROR"


def _fill_from_scan(
    request: ReadRequest, cells: pl.DataFrame, source: SheetSource, report: ParseReport
) -> pl.DataFrame:
    """Formulas without a value as their text, and long numbers in the notation that shows their digits."""
    if source.scan is None:
        return cells
    cells = _pad_rows(cells, 1 + max((row for row, _ in source.scan.formulas), default=-1))
    formulas = _within(source.scan, source.scan.formulas, cells)
    if formulas:
        _notice(request, report, "FORMULAS_WITHOUT_VALUE", source, formulas)
    long = {place: _scientific(text) for place, text in _within(source.scan, source.scan.long_numbers, cells).items()}
    if long:
        _notice(request, report, "NUMBERS_IMPRECISE", source, long)
    return _set_cells(cells, formulas | long)


def _pad_rows(cells: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The library leaves out rows at the end that have no value."""
    missing = rows - len(cells)
    return pl.concat([cells, cells.clear(missing)]) if missing > 0 else cells


def _within(scan: SheetScan, found: Mapping[CellPlace, str], cells: pl.DataFrame) -> dict[CellPlace, str]:
    places = {(row, column - scan.first_column): text for (row, column), text in found.items()}
    return {place: text for place, text in places.items() if place[0] < len(cells) and 0 <= place[1] < cells.width}


def _scientific(text: str) -> str:
    """The double nearest to the stored number: ``1.10101199003078E+17``."""
    return f"{Decimal(repr(float(text))).normalize():E}"


def _set_cells(cells: pl.DataFrame, found: Mapping[CellPlace, str]) -> pl.DataFrame:
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), text in found.items():
        by_column.setdefault(column, {})[row] = text
    columns = cells.get_columns()
    for place, texts in by_column.items():
        columns[place] = columns[place].cast(pl.String).scatter(list(texts), list(texts.values()))
    return pl.DataFrame(columns)


def _notice(
    request: ReadRequest, report: ParseReport, code: str, source: SheetSource, found: Mapping[CellPlace, str]
) -> None:
    row, column = min(found)
    offset = source.scan.first_column if source.scan else 0
    cell = f"{column_letters(column + offset)}{row + 1}"
    report.add_notice(
        code, file=request.shown, sheet=source.name, cells=len(found), cell=cell, row=row + 1, text=found[row, column]
    )


def column_letters(column: int) -> str:
    """The name of a column that counts from 0: ``A``, ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
