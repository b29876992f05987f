"""What the XML of a sheet says that its values do not: styles, merged ranges, formulas without a value, long numbers.

The XML is searched in pieces of whole rows; no cell becomes a Python object unless it is one of those.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import IO

_CHUNK = 4 << 20
_T = rb"<(?:\w+:)?"
_CELL = re.compile(
    _T + rb'c(?=[^>]*?\sr="([A-Z]{1,3})\d+")(?=(?:[^>]*?\ss="(\d+)")?)[^>]*?>(?=\s*' + _T + rb"(?:v|is|f)\b)"
)
_ORDERED_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="\w+")?>(?=<[vif])')
_ORDERED_EMPTY = re.compile(rb'<c r="[A-Z]{1,3}\d+"(?: s="\d+")?/>')
_ROW = re.compile(_T + rb'row\b[^>]*?\sr="(\d+)"')
_REFERENCE = rb'c(?=[^>]*?\sr="([A-Z]{1,3}\d+)")'
_NUMBER_CELL = rb'(?![^>]*?\st="(?!n")\w+")[^>]*>\s*'
_VALUE = rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*"
_EMPTY_FORMULA = re.compile(
    _T + _REFERENCE + _NUMBER_CELL + _T + rb"f\b(?:[^>]*/>|[^>]*>([^<]*)</(?:\w+:)?f>)\s*" + _VALUE + rb"</(?:\w+:)?c>"
)
_LONG_NUMBER = re.compile(
    _T + _REFERENCE + _NUMBER_CELL + rb"(?:" + _T + rb"f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?"
    + _T + rb"v>(-?\d{16,}(?:\.\d*)?|-?\d(?:\.\d+)?[eE]\+?(?:1[5-9]|[2-9]\d|\d{3}))</"
)  # fmt: skip
_MAY_BE_LONG = re.compile(rb"v>-?(?:\d{16}|\d(?:\.\d+)?[eE])")
_MERGED = re.compile(_T + rb'mergeCell\b[^>]*?\sref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')

CellPlace = tuple[int, int]
"""Row and column, from 0."""


@dataclass(slots=True)
class SheetScan:
    """Rows and columns count from 0; a cell counts if it has a value or a formula."""

    cells: int = 0
    rows: int = 0
    """The number of the last row, from 1."""
    styles: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Cell styles by column."""
    formulas: dict[CellPlace, str] = field(default_factory=dict)
    """Formulas without a stored value."""
    long_numbers: dict[CellPlace, str] = field(default_factory=dict)
    """Numbers of 10**15 and more, as they are stored."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row and column, last row and column, all inclusive."""
    last_cell: str = "A1"
    """A cell of the last column, by its name."""

    @property
    def first_column(self) -> int:
        """The first column with a cell; 0 if there is none."""
        return min(self.styles, default=0)

    @property
    def width(self) -> int:
        """Columns from the first one with a cell to the last."""
        return max(self.styles, default=-1) - self.first_column + 1


def scan_sheet(part: IO[bytes]) -> SheetScan:
    """Search the XML of a sheet."""
    found = SheetScan()
    for piece in _whole_rows(part):
        _scan_piece(found, piece)
    return found


def sheet_has_cells(part: IO[bytes]) -> bool:
    """Whether the XML of a sheet has a cell with a value or a formula; reads up to the first one."""
    return any(_CELL.search(piece) for piece in _whole_rows(part))


def column_index(letters: bytes) -> int:
    """``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _whole_rows(part: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := part.read(_CHUNK):
        rest += chunk
        end = rest.rfind(b"row>") + 4
        if end > 3:
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _scan_piece(found: SheetScan, piece: bytes) -> None:
    cells = _find_cells(piece)
    found.cells += len(cells)
    for letters, style in set(cells):
        column = column_index(letters)
        if column > max(found.styles, default=-1):
            found.last_cell = _cell_name(piece, letters)
        found.styles[column].add(int(style or 0))
    last = piece.rfind(b"row ")
    row = _ROW.search(piece, max(last - 10, 0)) if last >= 0 else None
    found.rows = max(found.rows, int(row[1])) if row else found.rows
    if b"<f" in piece or b":f" in piece:
        formulas = _EMPTY_FORMULA.findall(piece)
        found.formulas |= {_place(name): unescape(f"={text.decode('utf-8', 'replace')}") for name, text in formulas}
    if _MAY_BE_LONG.search(piece):
        found.long_numbers |= {_place(name): number.decode() for name, number in _LONG_NUMBER.findall(piece)}
    for left, top, right, bottom in _MERGED.findall(piece):
        found.merged.append((int(top) - 1, column_index(left), int(bottom) - 1, column_index(right)))


def _find_cells(piece: bytes) -> list[tuple[bytes, bytes]]:
    """Column and style of every cell with a value; attributes in their usual order are three times as fast."""
    ordered = _ORDERED_CELL.findall(piece)
    empty = len(_ORDERED_EMPTY.findall(piece)) if b'"/>' in piece else 0
    return (
        ordered
        if ordered and len(ordered) + empty == piece.count(b"<c ") + piece.count(b":c ")
        else _CELL.findall(piece)
    )


def _cell_name(piece: bytes, letters: bytes) -> str:
    name = re.search(rb'\sr="(' + letters + rb"\d+)\"", piece)
    return name[1].decode() if name else letters.decode()


def _place(name: bytes) -> CellPlace:
    letters = name.rstrip(b"0123456789")
    return int(name[len(letters) :]) - 1, column_index(letters)
