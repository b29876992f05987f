"""Workbooks."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat


class XlsxFormat(SourceFormat):
    """One sheet of a workbook (by name, or the first), every cell as the text a person would see.

    Dates are ISO (``2024-01-02``; with the time where any cell of the column has one), whole numbers have no ``.0``.
    """

    type: Literal["xlsx"] = "xlsx"
    sheet: str | None = None
    title_rows: int = 0
    footer: str | None = None
