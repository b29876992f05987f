"""XLS, XLSB and ODS: read whole by a library, in a process of its own that may end (:mod:`limited_child`)."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_ROWS
from citylake.pipelines.parse.xlsx.cell_values import LAST_SERIAL, MOMENT, MOMENT_TEXT, NUMBER, SPAN, number_text

# The library logs a line for every column whose cells are of several types; all of them are read as text anyway.
logging.getLogger("fastexcel").setLevel(logging.ERROR)

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
_LONGEST_SPAN = pl.duration(days=3653)


def list_sheets(path: str) -> list[tuple[str, bool, bool]]:
    """Each sheet's name, whether it is hidden, and whether it has a value."""
    book = fastexcel.read_excel(path)
    sheets = [(name, book.load_sheet(name, header_row=None, n_rows=1)) for name in book.sheet_names]
    return [(name, sheet.visible != "visible", bool(sheet.width)) for name, sheet in sheets]


def write_sheet(path: str, name: str, first_row: int, folder: str) -> dict[str, Any]:
    """Write the sheet to Parquet files in ``folder``: ``_row``, and ``c<number>`` and ``k<number>`` of each column.

    Returns the files in order, and the errors as row and column (from 0) and text.
    """
    book = fastexcel.read_excel(path)
    batch, errors = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    found = {} if errors is None else {each.position: _error_text(each.detail) for each in errors.errors}
    rows = _with_kinds(book, name, cells, first_row) if len(cells) else pl.DataFrame(schema={"_row": pl.Int64})
    for (row, column), text in found.items():
        rows[row, f"c{column}"] = text
    files = []
    for number, start in enumerate(range(0, len(rows), BATCH_ROWS)):
        files.append(str(Path(folder) / f"sheet-{number:05d}.parquet"))
        rows[start : start + BATCH_ROWS].write_parquet(files[-1], compression="lz4")
    return {"files": files, "errors": [(row, column, text) for (row, column), text in sorted(found.items())]}


def _with_kinds(book: fastexcel.ExcelReader, name: str, cells: pl.DataFrame, first_row: int) -> pl.DataFrame:
    def load(dtype: fastexcel.DType, columns: list[int] | None = None) -> pl.DataFrame:
        # The library counts the numbers of a list from column A.
        chosen = None if columns is None else (lambda column: column.index in columns)
        return book.load_sheet(name, header_row=None, skip_rows=0, dtypes=dtype, use_columns=chosen).to_polars()

    values, spans = load("float"), dict(_span_columns(book, name, first_row, load))
    similar = [place for place, column in enumerate(cells.get_columns()) if column.str.contains(MOMENT_TEXT).any()]
    safe = [place for place in similar if not (values.to_series(place).abs() > LAST_SERIAL).any()]
    dates = dict(zip(safe, load("datetime", safe).get_columns() if safe else (), strict=True))
    made = [pl.int_range(1, len(cells) + 1, dtype=pl.Int64, eager=True).alias("_row")]
    for place, text in enumerate(cells.get_columns()):
        frame = pl.DataFrame({"c": text, "v": values.to_series(place)})
        dated = pl.col("c").str.contains(MOMENT_TEXT) & (place in similar)
        if place in dates:
            dated &= dates[place].is_not_null()
        number = pl.col("v").is_not_null() & pl.col("c").str.contains(r"^-?\d+(\.\d+)?$")
        kind = pl.when(dated).then(MOMENT).when(number).then(NUMBER).otherwise(0).cast(pl.Int8)
        frame = frame.with_columns(k=kind, c=pl.when(number).then(_exact(frame)).otherwise("c"))
        if place in spans:
            frame = _with_spans(frame, spans[place], first_row)
        made += [frame["c"].alias(f"c{place}"), frame["k"].alias(f"k{place}")]
    return pl.DataFrame(made)


def _exact(frame: pl.DataFrame) -> pl.Series:
    """Numbers with up to 15 digits: the library's texts have only nine decimals."""
    return frame["v"].map_elements(lambda value: number_text(repr(value)), return_dtype=pl.String)


def _with_spans(frame: pl.DataFrame, spans: pl.Series, first_row: int) -> pl.DataFrame:
    span = pl.lit(spans)
    seconds = span.dt.total_seconds()
    two = [part.cast(pl.String).str.zfill(2) for part in (seconds // 3600, seconds // 60 % 60, seconds % 60)]
    below = (pl.int_range(pl.len()) >= first_row) & (span.abs() < _LONGEST_SPAN).fill_null(value=False)
    text = pl.when(below).then(pl.concat_str(two, separator=":")).otherwise("c")
    return frame.with_columns(c=text, k=pl.when(below).then(SPAN).otherwise("k").cast(pl.Int8))


def _span_columns(book: fastexcel.ExcelReader, name: str, first_row: int, load: Any) -> list[tuple[int, pl.Series]]:
    """The columns whose cells are durations; all columns if the library cannot tell."""
    sheet = book.load_sheet(name, header_row=None, skip_rows=first_row, schema_sample_rows=None)
    try:
        found = [column.index for column in sheet.available_columns() if column.dtype == "duration"]
    except fastexcel.UnsupportedColumnTypeCombinationError:
        found = list(range(sheet.width))
    return list(zip(found, load("duration", found).get_columns() if found else (), strict=True))


def _error_text(detail: str) -> str:
    """``#N/A`` and other error values, which the library returns as null."""
    kind = re.search(r"Error\((\w+)\)", detail)
    return _CELL_ERRORS.get(kind[1], "#ERROR") if kind else "#ERROR"
