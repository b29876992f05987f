"""Cells as numbers of contents, and the rows that they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from citylake.pipelines.parse.xlsx.cell_contents import Contents, Sort


@dataclass(frozen=True, slots=True)
class CodedCells:
    """Cells in the order of a sheet: row from 1, column from 0, and the number of the content from 1."""

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

    def wide(self) -> CodedRows:
        """The rows that have a cell."""
        begins = np.concatenate([[True], np.diff(self.row) > 0])
        columns = np.flatnonzero(np.bincount(self.column))
        codes = np.zeros((len(columns), np.count_nonzero(begins)), np.uint32)
        codes[np.searchsorted(columns, self.column), np.cumsum(begins) - 1] = self.code
        return CodedRows(self.row[begins], columns.tolist(), codes)


@dataclass(frozen=True, slots=True)
class CodedRows:
    """Row numbers from 1, column numbers from 0, and codes by column and row (0: no cell)."""

    row: npt.NDArray[np.int64]
    columns: list[int]
    codes: npt.NDArray[np.uint32]

    def sorts(self, contents: Contents) -> list[tuple[int, Sort]]:
        """Each column with each style and kind in it."""
        return [
            (column, contents.sorts[number])
            for column, codes in zip(self.columns, self.codes, strict=True)
            for number in _distinct(contents.sort[codes], len(contents.sorts))
            if number
        ]

    def frame(self, contents: Contents) -> pl.DataFrame:
        """``_row``; of each column ``c<column>``, the texts, and ``k<column>``, the kinds, if there are any."""
        made: list[pl.Series] = [pl.Series("_row", self.row)]
        for column, codes in zip(self.columns, self.codes, strict=True):
            made.append(contents.known["text"].gather(codes).alias(f"c{column}"))
            kinds = contents.known["kind"].gather(codes)
            if kinds.max():
                made.append(kinds.alias(f"k{column}"))
        return pl.DataFrame(made)

    def first_of(self, column: int) -> int:
        """The first row with a cell in ``column``."""
        return int(self.row[int(np.flatnonzero(self.codes[self.columns.index(column)])[0])])


def _distinct(numbers: npt.NDArray[np.uint32], most: int) -> npt.NDArray[np.int64]:
    """The distinct ones of numbers below ``most``, whatever is quicker."""
    return np.flatnonzero(np.bincount(numbers)) if most <= len(numbers) else np.unique(numbers)
