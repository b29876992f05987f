"""The rows of a sheet below its header, scanned piece by piece, and added to its spool many pieces at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS
from citylake.pipelines.parse.xlsx.cell_contents import Contents
from citylake.pipelines.parse.xlsx.cell_values import CellReader
from citylake.pipelines.parse.xlsx.coded_rows import CodedCells
from citylake.pipelines.parse.xlsx.sheet_scan import ScannedRows, SheetScanner
from citylake.pipelines.parse.xlsx.sheet_spool import SheetSpool
from citylake.pipelines.parse.xlsx.sheet_xml import content_cells

_BATCH_CELLS = 1_000_000
"""Cells that wait to be added; their texts are held once."""


@dataclass(slots=True)
class CodedReader:
    """Reads rows below the header into ``found``."""

    cells: CellReader
    scanner: SheetScanner
    found: SheetSpool
    _contents: Contents = field(default_factory=Contents)
    _waiting: list[ScannedRows] = field(default_factory=list)

    def read(self, piece: bytes, row_before: int) -> int | None:
        """Read whole rows, and return the last one's number, from 1; None if they must be read in another way.

        Raises SheetBrokenError.
        """
        if not self.scanner.has_room():
            self._restart()
        rows = self.scanner.scan(piece, row_before)
        if rows is None:
            self._restart()
            return None
        self._waiting.append(rows)
        if self._count("code") > _BATCH_CELLS or self._count("row") > BATCH_ROWS:
            self.flush()
        return int(rows.row[-1]) if len(rows.row) else row_before

    def flush(self) -> None:
        """Add what has been read to the spool. Raises SheetBrokenError."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            cells = CodedCells(
                np.concatenate([each.row[each.at].astype(np.int64) for each in waiting]),
                np.concatenate([each.column for each in waiting]),
                np.concatenate([each.code for each in waiting]) + np.uint32(1),
            )
            self._learn(waiting, cells.code)
            for part in _narrow_parts(cells, self._contents.bytes):
                self.found.add_coded(part, self._contents)

    def _count(self, what: str) -> int:
        return sum(len(getattr(rows, what)) for rows in self._waiting)

    def _restart(self) -> None:
        self.flush()
        self.scanner.restart()
        self._contents = Contents()

    def _learn(self, waiting: list[ScannedRows], codes: npt.NDArray[np.uint32]) -> None:
        """Read the new contents of ``waiting``, if the file may have the bytes of all its texts."""
        texts = pl.concat([_texts(rows) for rows in waiting])
        cells = self.cells.with_bytes(content_cells(texts, self.cells.first_row))
        sizes = np.zeros(len(texts), np.int64)
        sizes[cells["column"].to_numpy()] = cells["bytes"].to_numpy()
        self.found.check_bytes(int(np.concatenate([self._contents.bytes, sizes])[codes].sum()))
        self._contents.add(pl.Series(sizes), self.cells.read(cells))


def _texts(rows: ScannedRows) -> pl.Series:
    offsets = np.concatenate([np.zeros(1, np.int32), rows.ends.astype(np.int32)])
    texts = pa.StringArray.from_buffers(len(rows.ends), pa.py_buffer(offsets), pa.py_buffer(rows.texts))
    return pl.Series("content", pl.from_arrow(texts))


def _narrow_parts(cells: CodedCells, sizes: npt.NDArray[np.int64]) -> Iterator[CodedCells]:
    """The cells in parts of whole rows, so that no part has too many places or bytes."""
    if not len(cells.row):
        return
    rows, columns = cells.size()
    if rows == 1 or (rows * columns <= BATCH_PLACES and int(sizes[cells.code].sum()) <= BATCH_CHARS):
        yield cells
        return
    middle = int(np.searchsorted(cells.row, cells.row[len(cells.row) // 2]))
    middle = middle or int(np.searchsorted(cells.row, cells.row[0], "right"))
    yield from _narrow_parts(cells.chosen(slice(middle)), sizes)
    yield from _narrow_parts(cells.chosen(slice(middle, None)), sizes)
