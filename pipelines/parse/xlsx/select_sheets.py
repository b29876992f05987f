"""Which sheets of a workbook are read, and what is reported about the others."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase

from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.xlsx.open_workbook import OpenWorkbook
from citylake.schemas.model.formats import XlsxFormat

_SHOWN_SHEETS = 20


def select_sheets(request: ReadRequest, workbook: OpenWorkbook, fmt: XlsxFormat, report: ParseReport) -> list[str]:
    """The sheets that ``fmt`` names, or the first visible one; raises SHEET_MISSING.

    Reports the other sheets with cells if the contract names none.
    """
    names = workbook.names
    if fmt.sheet is not None:
        return [_require_sheet(request, names, fmt.sheet)]
    hidden = workbook.hidden
    if fmt.sheets:
        return _matching_sheets(request, names, fmt.sheets, hidden)
    first = next((name for name in names if name not in hidden), names[0])
    others = [name for name in names if name != first and workbook.has_cells(name)]
    if others:
        listed = [f"{name} (hidden)" if name in hidden else name for name in others[:_SHOWN_SHEETS]]
        shown = ", ".join(listed) + (" …" if len(others) > _SHOWN_SHEETS else "")
        report.add_notice("SHEETS_UNREAD", file=request.shown, sheet=first, number=len(others), sheets=shown)
    return [first]


def _require_sheet(request: ReadRequest, names: list[str], name: str) -> str:
    if name not in names:
        raise request.fault("SHEET_MISSING", sheet=name, sheets=", ".join(names))
    return name


def _matching_sheets(
    request: ReadRequest, names: list[str], patterns: tuple[str, ...], hidden: Collection[str]
) -> list[str]:
    """In the order of the workbook; a hidden sheet only if it is named exactly."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise request.fault("SHEET_MISSING", sheet=pattern, sheets=", ".join(names))
    return [
        name
        for name in names
        if name in patterns or (name not in hidden and any(fnmatchcase(name, pattern) for pattern in patterns))
    ]
