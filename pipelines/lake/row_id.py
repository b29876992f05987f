"""The id of a source row: the receipt, the record's number, and the part of the file if it has several.

All rows that reshaping makes of one source row have its id: what people correct is the row that the source sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citylake.schemas.words.errors import CitylakeError

ROW_PLACE = ("_receipt", "_part", "_row")
"""The columns that identify a source row."""


@dataclass(frozen=True, slots=True, order=True)
class RowId:
    """A source row. Its text is ``RECEIPT/ROW``, or ``RECEIPT/ROW/PART``."""

    receipt: str
    row: int
    part: str = ""

    def __str__(self) -> str:
        return f"{self.receipt}/{self.row}" + (f"/{self.part}" if self.part else "")

    @classmethod
    def parse(cls, text: str) -> RowId:
        """Raises ROW_ID_UNREADABLE."""
        receipt, _, rest = text.partition("/")
        number, _, part = rest.partition("/")
        if not receipt or not number.isdecimal():
            raise CitylakeError("ROW_ID_UNREADABLE", text=text)
        return cls(receipt, int(number), part)


def row_id_expr() -> pl.Expr:
    """Return the text of the row's id (String), from the columns of ``ROW_PLACE``."""
    part = pl.col("_part").fill_null("")
    suffix = pl.when(part == "").then(pl.lit("")).otherwise(pl.lit("/") + part)
    return pl.col("_receipt") + pl.lit("/") + pl.col("_row").cast(pl.String) + suffix
