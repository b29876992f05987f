"""A sheet's XML into its spool: a piece at a time, as codes where it is plain and below the header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES
from citylake.pipelines.parse.xlsx.cell_values import CellReader
from citylake.pipelines.parse.xlsx.coded_reader import CodedReader
from citylake.pipelines.parse.xlsx.sheet_scan import open_scanner
from citylake.pipelines.parse.xlsx.sheet_spool import SheetSpool
from citylake.pipelines.parse.xlsx.sheet_xml import (
    SheetBrokenError,
    SheetPiece,
    column_index,
    piece_cells,
    sheet_pieces,
)

_MERGED = re.compile(rb'<mergeCell\b[^>]*?\sref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_MOST_MERGED = 1_000_000
_BEGIN = 100
"""Bytes in which a piece of rows has the first one."""


def read_sheet(part: IO[bytes], reader: CellReader, found: SheetSpool) -> None:
    """Read the XML of a sheet into ``found``. Raises SheetBrokenError."""
    row, plain = 0, _PlainRows(reader, found)
    try:
        for piece in sheet_pieces(part):
            last = plain.read(piece, row)
            row = _read_piece(piece.plain(), row, reader, found) if last is None else last
    finally:
        # What is wrong in the rows so far is reported before what is wrong below them.
        plain.flush()


@dataclass(slots=True)
class _PlainRows:
    """Reads pieces as codes, as long as most of them can be read so."""

    reader: CellReader
    found: SheetSpool
    _coded: CodedReader | None = None
    _tries: int = 4

    def read(self, piece: SheetPiece, row: int) -> int | None:
        """The last row of a piece that is plain and below the header and below ``row``; else None."""
        if not row or row < self.reader.first_row or piece.prefix or not self._tries:
            return None
        if b"<row" not in piece.raw[:_BEGIN]:
            self.flush()
            return None
        if self._coded is None and (scanner := open_scanner()):
            self._coded = CodedReader(self.reader, scanner, self.found)
        last = self._coded.read(piece.raw, row) if self._coded else None
        self._tries -= last is None
        return last

    def flush(self) -> None:
        """Add what was read to the spool."""
        if self._coded:
            self._coded.flush()


def _read_piece(piece: bytes, row: int, reader: CellReader, found: SheetSpool) -> int:
    """Read what is in a piece, however it is written; returns the last row so far."""
    if b"<row" in piece:
        cells, row = piece_cells(piece, row)
        sized = reader.with_bytes(cells)
        found.check_bytes(int(sized["bytes"].sum()))
        for few in _narrow_parts(sized):
            found.add(reader.read(few))
    found.merged += merged_ranges(piece)
    if len(found.merged) > _MOST_MERGED:
        raise SheetBrokenError(f"more than {_MOST_MERGED} merged ranges")
    return row


def merged_ranges(piece: bytes) -> Iterator[tuple[int, int, int, int]]:
    """The merged ranges that the XML names."""
    for left, top, right, bottom in _MERGED.findall(piece):
        yield int(top) - 1, column_index(left.decode()), int(bottom) - 1, column_index(right.decode())


def _narrow_parts(cells: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """The cells in parts of whole rows, so that no part has too many places or bytes."""
    rows, columns = cells["row"].n_unique(), cells["column"].n_unique()
    if (rows * columns <= BATCH_PLACES and int(cells["bytes"].sum()) <= BATCH_CHARS) or rows <= 1:
        yield cells
        return
    middle = cells["row"].unique(maintain_order=True)[rows // 2]
    yield from _narrow_parts(cells.filter(pl.col("row") < middle))
    yield from _narrow_parts(cells.filter(pl.col("row") >= middle))
