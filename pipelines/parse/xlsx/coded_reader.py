"""Rows of a sheet whose cells are numbers of distinct contents: each content is read once, however often it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS
from citylake.pipelines.parse.xlsx.cell_values import CellReader
from citylake.pipelines.parse.xlsx.coded_rows import CodedCells
from citylake.pipelines.parse.xlsx.sheet_scan import ScannedRows, SheetScanner
from citylake.pipelines.parse.xlsx.sheet_spool import SheetSpool
from citylake.pipelines.parse.xlsx.sheet_xml import content_cells

_MEANING = {"bytes": pl.Int64, "style": pl.Int64, "text": pl.String, "kind": pl.Int8, "note": pl.String}
_NO_CELL = {"bytes": 0, "style": None, "text": None, "kind": None, "note": None}
_BATCH_CELLS = 1_000_000
"""Cells that wait to be added; their texts are held once."""


@dataclass(slots=True)
class CodedReader:
    """Reads rows below the header into ``found``; ``_known``: what each content means, from row 1 on."""

    cells: CellReader
    scanner: SheetScanner
    found: SheetSpool
    _known: pl.DataFrame = field(init=False)
    _waiting: list[ScannedRows] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is known."""
        self._known = pl.DataFrame([_NO_CELL], schema=_MEANING)

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
            for part in _narrow_parts(cells, self._known["bytes"].to_numpy()):
                self.found.add_coded(part, self._known)

    def _count(self, what: str) -> int:
        return sum(len(getattr(rows, what)) for rows in self._waiting)

    def _restart(self) -> None:
        self.flush()
        self.scanner.restart()
        self._known = self._known.head(1)

    def _learn(self, waiting: list[ScannedRows], codes: npt.NDArray[np.uint32]) -> None:
        """Read the new contents of ``waiting``, if the file may have the bytes of all its texts."""
        contents = pl.concat([_contents(rows) for rows in waiting])
        numbers = pl.select(column=pl.int_range(len(contents), dtype=pl.Int64))
        cells = self.cells.with_bytes(content_cells(contents, self.cells.first_row))
        sizes = numbers.join(cells.select("column", "bytes"), on="column", how="left", maintain_order="left")
        whole = pl.concat([self._known["bytes"], sizes["bytes"].fill_null(0)])
        self.found.check_bytes(int(whole.gather(codes).sum()))
        read = sizes.join(self.cells.read(cells), on="column", how="left", maintain_order="left").select(*_MEANING)
        self._known = pl.concat([self._known, read.with_columns(pl.col("bytes").fill_null(0))], rechunk=True)


def _contents(rows: ScannedRows) -> pl.Series:
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
