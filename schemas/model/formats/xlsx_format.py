"""Workbooks."""

from __future__ import annotations

from operator import not_
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats.format_base import SourceFormat


class XlsxFormat(SourceFormat):
    """Sheets of a workbook, every cell as the text a person would see.

    Dates are ISO (``2024-01-02``; with the time where any cell of the column has one, or a format that shows one),
    whole numbers have no ``.0``. ``sheet`` names one sheet; ``sheets`` are names or patterns (``["*月"]``, ``["*"]``)
    of several with the same columns, which are read one after the other; by default it is the first sheet that is not
    hidden. ``sheet_field`` names a field that gets the sheet's name. ``header_rows: 2`` joins the names of two rows by
    ``.``. A merged range has its value in each of its cells (``fill``), or in its first cell alone (``first``).
    """

    type: Literal["xlsx"] = "xlsx"
    sheet: str | None = None
    sheets: tuple[str, ...] = Field((), exclude_if=not_)
    sheet_field: str | None = Field(None, min_length=1, exclude_if=not_)
    title_rows: int = Field(0, ge=0)
    header_rows: int = Field(1, ge=1, le=5, exclude_if=lambda value: value == 1)
    skip_after_header: int = Field(0, ge=0, exclude_if=not_)
    """Rows of units or types below the header."""
    duplicate_columns: Literal["error", "rename"] = Field("error", exclude_if=lambda value: value == "error")
    """``rename``: the second column ``n`` becomes ``n_2``, with a notice."""
    merged: Literal["fill", "first"] = Field("fill", exclude_if=lambda value: value == "fill")
    footer: str | None = None

    @model_validator(mode="after")
    def _one_word_names_sheets(self) -> Self:
        if self.sheet is not None and self.sheets:
            raise ValueError("write sheet for one sheet, or sheets for several, not both")
        return self
