"""XLSX: sheets of a workbook, every cell as its displayed text."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult
from citylake.pipelines.parse.xlsx.open_workbook import open_workbook
from citylake.pipelines.parse.xlsx.select_sheets import select_sheets
from citylake.pipelines.parse.xlsx.sheet_table import SheetTable, read_sheet_table
from citylake.schemas.model.formats import XlsxFormat


def read_xlsx(request: ReadRequest, fmt: XlsxFormat) -> ReadResult:
    """Write the sheets; ``_part`` is a sheet's name, ``_row`` the row in it.

    Raises the faults of :func:`open_workbook`, WORKBOOK_SPARSE, SHEET_MISSING, SHEETS_DIFFER, and the header faults of
    CSV.
    """
    report, header_row = ParseReport(), fmt.title_rows + fmt.header_rows
    with open_workbook(request) as workbook:
        names = select_sheets(request, workbook, fmt, report)
        tables = []
        for name in names:
            cells = workbook.read(name, header_row, report)
            tables.append(read_sheet_table(request, cells, fmt, report))
    report.facts |= {"sheet": ", ".join(names), "header_row": header_row}
    columns = _common_columns(request, tables)
    # By name, because a column may be called ``*``, which polars takes for a pattern.
    frame = pl.concat([table.rows.select(cs.by_name("_row", *columns, "_part")) for table in tables])
    rows = request.write(frame, min(table.group_rows for table in tables))
    if not rows:
        report.add_notice("HEADER_ONLY", file=request.shown, row=header_row)
    return ReadResult(columns, rows, report)


def _common_columns(request: ReadRequest, tables: list[SheetTable]) -> tuple[str, ...]:
    first = tables[0]
    for table in tables[1:]:
        differing = ", ".join(sorted(set(first.columns).symmetric_difference(table.columns)))
        if differing:
            raise request.fault(
                "SHEETS_DIFFER", sheet=table.sheet, other=first.sheet, columns=differing, row=table.header_row
            )
    return first.columns
