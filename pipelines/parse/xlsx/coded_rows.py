"""Cells as numbers of contents, and the rows that they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl


@dataclass(frozen=True, slots=True)
class CodedCells:
    """Cells in the order of a sheet: row from 1, column from 0, and the number of the content from 1.

    ``known`` of the methods: what each content means (``text``, ``style``, ``kind``); row 0 stands for no cell.
    """

    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.uint32]
    code: npt.NDArray[np.uint32]

    def chosen(self, which: slice | npt.NDArray[np.bool_]) -> CodedCells:
        """Some of the cells."""
        return CodedCells(self.row[which], self.column[which], self.code[which])

    def places(self) -> pl.DataFrame:
        """``row`` and ``column`` from 0."""
        return pl.DataFrame({"row": self.row - 1, "column": self.column.astype(np.int64)})

    def size(self) -> tuple[int, int]:
        """Rows and columns that have a cell."""
        return 1 + int(np.count_nonzero(np.diff(self.row))), int(np.count_nonzero(np.bincount(self.column)))

    def sorts(self, known: pl.DataFrame) -> pl.DataFrame:
        """The first cell of each column, style and kind: ``row``, ``column``, ``style``, ``kind``."""
        numbers = known.select(pl.struct("style", "kind").rank("dense")).to_series().to_numpy()
        cells = self.places().with_columns(sort=numbers[self.code], code=self.code)
        first = cells.unique(["column", "sort"], keep="first", maintain_order=True)
        return first.select("row", "column").hstack(known.select("style", "kind")[first["code"]])

    def wide_rows(self, known: pl.DataFrame) -> pl.DataFrame:
        """``_row``; of each column ``c<column>``, the texts, and ``k<column>``, the kinds, if there are any."""
        begins = np.concatenate([[True], np.diff(self.row) > 0])
        columns = np.flatnonzero(np.bincount(self.column))
        codes = np.zeros((len(columns), np.count_nonzero(begins)), np.uint32)
        codes[np.searchsorted(columns, self.column), np.cumsum(begins) - 1] = self.code
        kinds = known["kind"].fill_null(0).to_numpy()
        made: list[pl.Series] = [pl.Series("_row", self.row[begins])]
        for column, chosen in zip(columns.tolist(), codes, strict=True):
            made.append(known["text"].gather(chosen).alias(f"c{column}"))
            if kinds[chosen].any():
                made.append(known["kind"].gather(chosen).alias(f"k{column}"))
        return pl.DataFrame(made)
