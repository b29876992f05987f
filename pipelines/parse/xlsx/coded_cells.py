"""Rows of a sheet whose cells are numbers of distinct contents: each content is read once, however often it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES
from citylake.pipelines.parse.xlsx.cell_values import CellReader
from citylake.pipelines.parse.xlsx.sheet_scan import ScannedRows, SheetScanner
from citylake.pipelines.parse.xlsx.sheet_spool import SheetSpool
from citylake.pipelines.parse.xlsx.sheet_xml import content_cells

_KNOWN = {"bytes": pl.Int64, "style": pl.Int64, "text": pl.String, "kind": pl.Int8, "note": pl.String}


@dataclass(slots=True)
class CodedReader:
    """Reads rows below the header; ``_known``: what each content means, at its number."""

    cells: CellReader
    scanner: SheetScanner
    _known: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_KNOWN))

    def read(self, piece: bytes, row_before: int, found: SheetSpool) -> int | None:
        """Add the cells of whole rows to ``found``, and return the last row's number, from 1.

        None, and nothing added, if the piece must be read in another way. Raises SheetBrokenError.
        """
        if not self.scanner.has_room():
            self._forget()
        rows = self.scanner.scan(piece, row_before)
        if rows is None or not self._learn(rows, found):
            self._forget()
            return None
        found.add(self._cells(rows))
        return int(rows.row[-1]) if len(rows.row) else row_before

    def _forget(self) -> None:
        self.scanner.restart()
        self._known = pl.DataFrame(schema=_KNOWN)

    def _learn(self, rows: ScannedRows, found: SheetSpool) -> bool:
        """Read the contents that are new; False if the rows are too large, or no texts at all."""
        try:
            contents = self.scanner.contents(len(self._known))
        except pa.ArrowInvalid:
            return False
        sized = self.cells.with_bytes(content_cells(contents, self.cells.first_row))
        numbers = pl.select(column=pl.int_range(len(contents), dtype=pl.Int64))
        sizes = numbers.join(sized.select("column", "bytes"), on="column", how="left", maintain_order="left")["bytes"]
        bytes_ = int(pl.concat([self._known["bytes"], sizes]).gather(rows.code).sum())
        if bytes_ > BATCH_CHARS or len(rows.row) * len(np.unique(rows.column)) > BATCH_PLACES:
            return False
        found.check_bytes(bytes_)
        read = numbers.join(self.cells.read(sized), on="column", how="left", maintain_order="left")
        self._known = pl.concat([self._known, read.with_columns(bytes=sizes).select(*_KNOWN)], rechunk=True)
        return True

    def _cells(self, rows: ScannedRows) -> pl.DataFrame:
        place = pl.DataFrame({"row": rows.row[rows.at].astype(np.int64) - 1, "column": rows.column.astype(np.int64)})
        cells = place.hstack(self._known.select("style", "text", "kind", "note")[rows.code])
        return cells.filter(pl.col("text").is_not_null()) if self._known["text"].null_count() else cells
