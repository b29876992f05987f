"""A sheet's XML into its spool: a piece at a time, as codes where it is plain and below the header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES
from citylake.pipelines.parse.xlsx.cell_values import CellReader
from citylake.pipelines.parse.xlsx.coded_cells import CodedReader
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


def read_sheet(part: IO[bytes], reader: CellReader, found: SheetSpool) -> None:
    """Read the XML of a sheet into ``found``. Raises SheetBrokenError."""
    coded: CodedReader | None = None
    row, tries = 0, _TRIES
    for piece in sheet_pieces(part):
        if row >= reader.first_row and row and tries and not piece.prefix:
            coded = coded or _coded_reader(reader)
            last = coded.read(piece.raw, row, found) if coded else None
            if last is not None:
                row = last
                continue
            tries -= 1
        row = _read_piece(piece.plain(), row, reader, found)


def _coded_reader(reader: CellReader) -> CodedReader | None:
    scanner = open_scanner()
    return CodedReader(reader, scanner) if scanner else None


_TRIES = 8
"""Pieces that are not plain, after which the others are not tried."""


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
