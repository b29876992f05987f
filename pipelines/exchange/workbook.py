"""Workbooks of texts: a heading, rows, and nothing that a spreadsheet program would change or run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from citylake.pipelines.exchange.exported_files import unwritable
from citylake.schemas.words.errors import CitylakeError

_OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip
_TEXT: Final = {"num_format": "@", "valign": "top"}
_HEADING: Final = {**_TEXT, "bold": True, "text_wrap": True, "bg_color": "#D9E1F2", "border": 1}
_WIDTH: Final = 18
CELL_CHARS: Final = 32_767
"""The most characters of a cell."""


def write_workbook(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> None:
    """Write sheets of a name, a heading and rows. All cells are texts.

    Raises EXCHANGE_LIBRARY_MISSING, OUTPUT_UNWRITABLE, and EXPORT_CELL_TOO_LONG.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise CitylakeError("EXCHANGE_LIBRARY_MISSING", library="xlsxwriter") from error
    book = xlsxwriter.Workbook(str(path), dict(_OPTIONS))
    text, heading = book.add_format(_TEXT), book.add_format(_HEADING)
    for name, columns, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.set_column(0, max(len(columns) - 1, 0), _WIDTH)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, heading)
        for number, row in enumerate(rows, 1):
            _write_row(sheet, number, row, text, path)
    try:
        book.close()
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise unwritable(path, error if isinstance(error, OSError) else OSError(str(error))) from error


def _write_row(sheet: Any, number: int, row: Sequence[str], look: Any, path: Path) -> None:
    for place, value in enumerate(row):
        if len(value) > CELL_CHARS:
            raise CitylakeError("EXPORT_CELL_TOO_LONG", file=str(path), row=number + 1, column=place + 1)
        if value:
            sheet.write_string(number, place, value, look)
