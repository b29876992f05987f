"""Reads an exported workbook as Excel stores it, and fills it in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fastexcel
import xlsxwriter

from citylake.pipelines.acts.steward_columns import COLUMNS, column_of

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_names(path: Path) -> list[str]:
    """The names of the sheets, hidden ones included."""
    return list(fastexcel.read_excel(path).sheet_names)


def read_lines(path: Path, sheet: str) -> list[dict[str, str | None]]:
    """The lines of a sheet by the keys of the columns, and the source's fields by their names."""
    rows = fastexcel.read_excel(path).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    names = [(name if place >= len(COLUMNS) else column_of(name)) or "" for place, name in enumerate(rows.row(0))]
    return [dict(zip(names, row, strict=True)) for row in rows.rows()[1:]]


def sheet_xml(path: Path, sheet: str) -> ElementTree.Element:
    """The XML of a sheet."""
    with zipfile.ZipFile(path) as book:
        number = sheet_names(path).index(sheet) + 1
        return ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))


def formula_cells(path: Path) -> list[str]:
    """The cells with a formula, and the links, of the whole workbook."""
    with zipfile.ZipFile(path) as book:
        texts = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    return [found for text in texts for found in re.findall(r"<f[ >][^<]*|<hyperlink[^>]*", text)]


def drop_downs(path: Path, sheet: str) -> list[dict[str, str]]:
    """Each drop-down: its cells (``sqref``) and where its list is."""
    rules = sheet_xml(path, sheet).iter(f"{_MAIN}dataValidation")
    return [{**rule.attrib, "list": rule.findtext(f"{_MAIN}formula1") or ""} for rule in rules]


def fill(path: Path, to: Path, sheet: str, entry: Callable[[dict[str, Any]], dict[str, str]]) -> Path:
    """A copy of a sheet in which ``entry`` gives for each line what the steward enters, by key."""
    rows = fastexcel.read_excel(path).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    with xlsxwriter.Workbook(str(to), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(sheet)
        for place, name in enumerate(rows.row(0)):
            page.write_string(0, place, name or "")
        for number, (row, line) in enumerate(zip(rows.rows()[1:], read_lines(path, sheet), strict=True), 1):
            entered = {COLUMNS.index(key): text for key, text in entry(line).items()}
            for place, cell in enumerate(row):
                if (text := entered.get(place, cell)) is not None:
                    page.write_string(number, place, text)
    return to
