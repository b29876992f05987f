"""Reads a table of data elements from a workbook or CSV: its heading, and the cells of each row as texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from citylake.pipelines.exchange.elements.columns import BY_KEY, NEEDED, column_of
from citylake.schemas.words.errors import CitylakeError

_HEADING_ROWS: Final = 20
"""Rows in which the heading is looked for: titles may stand above it."""
_LEAST: Final = 3
"""Known headings that make a row the heading."""
_ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the file, from 1, and its cells that are not empty, by the keys of the columns."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class ElementTable:
    """``headings``: by key, as the file has them. ``unknown``: headings of no known column; it is not read."""

    rows: list[TableRow] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    encoding: str = ""
    """Of CSV."""

    def heading(self, key: str) -> str:
        """The heading of a column in the file, else its usual one."""
        return self.headings.get(key) or BY_KEY[key].zh


def read_element_table(file: Path, sheet: str | None = None) -> ElementTable:
    """The table in ``file``; of a workbook in ``sheet``, else in the first sheet with a heading.

    Raises ELEMENTS_UNREADABLE.
    """
    if not file.is_file():
        raise _unreadable(file, "no such file")
    if file.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        for rows in _sheets(file, sheet):
            if table := _table(rows, file):
                return table
    else:
        text, encoding = _text(file)
        try:
            rows = _csv_rows(text)
        except csv.Error as error:
            raise _unreadable(file, str(error)) from error
        if table := _table(rows, file):
            table.encoding = encoding
            return table
    raise _unreadable(file, "no row is a heading of it")


def _sheets(file: Path, sheet: str | None) -> Iterator[list[tuple[int, Sequence[str]]]]:
    import fastexcel
    import polars as pl

    try:
        book = fastexcel.read_excel(file)
        names = [sheet] if sheet else book.sheet_names
        for name in names:
            batch = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_arrow()
            cells = pl.DataFrame(pl.from_arrow(batch))
            yield [(number, [each or "" for each in row]) for number, row in enumerate(cells.iter_rows(), 1)]
    except fastexcel.FastExcelError as error:
        raise _unreadable(file, str(error).splitlines()[0]) from error


def _text(file: Path) -> tuple[str, str]:
    try:
        found = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from error
    for encoding in _ENCODINGS:
        try:
            return found.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise _unreadable(file, "neither UTF-8 nor GB 18030")


def _csv_rows(text: str) -> list[tuple[int, Sequence[str]]]:
    """Rows with the line that each begins in."""
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max((",", ";", "\t"), key=first.count)
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1
    rows: list[tuple[int, Sequence[str]]] = []
    for row in reader:
        rows.append((line, row))
        line = reader.line_num + 1
    return rows


def _table(rows: Sequence[tuple[int, Sequence[str]]], file: Path) -> ElementTable | None:
    for place, (_, cells) in enumerate(rows[:_HEADING_ROWS]):
        keys = _keys(cells)
        if len({key for key in keys if key}) < _LEAST:
            continue
        table = ElementTable(unknown=[cell for cell, key in zip(cells, keys, strict=True) if cell.strip() and not key])
        for key, cell in zip(keys, cells, strict=True):
            if key and key in table.headings:
                raise _unreadable(file, f"{table.headings[key]} = {cell.strip()}: {BY_KEY[key].zh}")
            if key:
                table.headings[key] = cell.strip()
        table.rows = list(_rows(keys, rows[place + 1 :]))
        return table
    return None


def _keys(cells: Sequence[str]) -> list[str | None]:
    """The column that each heading names. 标识符 beside 内部标识符 is the short name, as in GA/T 541."""
    keys = [column_of(cell) if cell.strip() else None for cell in cells]
    internal = [place for place, cell in enumerate(cells) if cell.strip() == BY_KEY["id"].zh]
    if internal and "symbol" not in keys:
        keys = [
            "symbol" if key == "id" and place not in internal and cells[place].strip().startswith("标识符") else key
            for place, key in enumerate(keys)
        ]
    return keys


def _rows(keys: Sequence[str | None], rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[TableRow]:
    """Rows with a value."""
    for number, cells in rows:
        found = {key: cell.strip() for key, cell in zip(keys, cells, strict=False) if key and cell.strip()}
        if found:
            yield TableRow(number, found)


def _unreadable(file: Path, why: str) -> CitylakeError:
    needed = ", ".join(BY_KEY[key].zh for key in NEEDED)
    return CitylakeError("ELEMENTS_UNREADABLE", file=str(file), why=why, needed=needed)
