"""A sheet in batches of rows on disk: the text and the kind of each cell, and what is to be reported of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.xlsx.cell_contents import Contents, Sort
from citylake.pipelines.parse.xlsx.coded_rows import CodedCells

CellPlace = tuple[int, int]
"""Row and column, from 0."""


@dataclass(slots=True)
class CellNote:
    """Cells with one kind of fault: their number, and the first of them."""

    cells: int
    place: CellPlace
    text: str


@dataclass(slots=True)
class SheetSpool:
    """The columns of ``spool`` are ``_row`` (from 1), ``c<column>`` and ``k<column>``, counting from 0."""

    spool: Spool
    check: Callable[[int], None]
    """Called with the bytes of all texts so far, before they are in memory."""
    cells: int = 0
    rows: int = 0
    """The number of the last row with a value, from 1."""
    bytes: int = 0
    """Bytes of all texts."""
    styles: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Cell styles by column; every column with a value has one."""
    kinds: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    notes: dict[str, CellNote] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row and column, last row and column, all inclusive."""
    last_cell: CellPlace = (0, 0)
    """The first cell of the last column."""

    @property
    def first_column(self) -> int:
        """The first column with a value; 0 if there is none."""
        return min(self.styles, default=0)

    @property
    def width(self) -> int:
        """Columns from the first one with a value to the last."""
        return max(self.styles, default=-1) - self.first_column + 1

    def columns_of(self, *kinds: int) -> list[int]:
        """The columns with a cell of each of the ``kinds``."""
        return [column for column, found in sorted(self.kinds.items()) if found.issuperset(kinds)]

    def check_bytes(self, more: int) -> None:
        """Raise FILE_EXPANDS unless the file may have so many bytes of texts more."""
        self.bytes += more
        self.check(self.bytes)

    def add(self, cells: pl.DataFrame) -> None:
        """Add the cells (:meth:`CellReader.read`) of some rows."""
        if not len(cells):
            return
        self.cells += len(cells)
        self.rows = int(cells["row"][-1]) + 1
        self._note_columns(cells)
        self._note_faults(cells.filter(pl.col("note").is_not_null()))
        self.spool.add(_wide_rows(cells))

    def add_coded(self, cells: CodedCells, contents: Contents) -> None:
        """Add cells of whole rows."""
        known = contents.known
        if known["text"].null_count() > 1:
            cells = cells.chosen(contents.sort[cells.code] > 0)
        if not len(cells.row):
            return
        self.cells += len(cells.row)
        self.rows = int(cells.row[-1])
        rows, last = cells.wide(), max(self.styles, default=-1)
        self._note_sorts(rows.sorts(contents))
        if rows.columns[-1] > last:
            self.last_cell = (rows.first_of(rows.columns[-1]) - 1, rows.columns[-1])
        if known["note"].null_count() < len(known):
            noted = cells.chosen(known["note"].is_not_null().to_numpy()[cells.code])
            self._note_faults(noted.places().hstack(known[noted.code]))
        self.spool.add(rows.frame(contents))

    def _note_columns(self, cells: pl.DataFrame) -> None:
        last = max(self.styles, default=-1)
        sorts = cells.select("column", "style", "kind").unique().iter_rows()
        self._note_sorts((column, (style, kind)) for column, style, kind in sorts)
        if max(self.styles) > last:
            first = cells.filter(pl.col("column") == max(self.styles))
            self.last_cell = (int(first["row"][0]), int(first["column"][0]))

    def _note_sorts(self, sorts: Iterable[tuple[int, Sort]]) -> None:
        for column, (style, kind) in sorts:
            self.styles[column].add(style)
            self.kinds[column].add(kind)

    def _note_faults(self, cells: pl.DataFrame) -> None:
        firsts = cells.group_by("note", maintain_order=True).agg(pl.first("row", "column", "text"), pl.len())
        for code, row, column, text, number in firsts.iter_rows():
            if code in self.notes:
                self.notes[code].cells += number
            else:
                self.notes[code] = CellNote(number, (row, column), text)


def _wide_rows(cells: pl.DataFrame) -> pl.DataFrame:
    """A row for each row, and two columns for each column."""
    rows, at = np.unique(cells["row"].to_numpy(), return_inverse=True)
    columns = cells["column"].to_numpy()
    order = np.argsort(columns, kind="stable")
    found, starts = np.unique(columns[order], return_index=True)
    text, kind = cells["text"], cells["kind"]
    made: list[pl.Series] = [pl.Series("_row", rows.astype(np.int64) + 1)]
    for column, chosen in zip(found.tolist(), np.split(order, starts[1:]), strict=True):
        where = np.full(len(rows), -1, np.int64)
        where[at[chosen]] = chosen
        index = pl.Series(where).set(pl.Series(where < 0), None)
        made.append(text.gather(index).alias(f"c{column}"))
        if (kind.gather(pl.Series(chosen)) > 0).any():
            made.append(kind.gather(index).alias(f"k{column}"))
    return pl.DataFrame(made)
