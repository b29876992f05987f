"""Whether the header of a delimited file is one: a title or a record in its place is refused, with what to write."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.parse.cell_kinds import cell_kind, is_sequence
from citylake.pipelines.parse.csv_fields import CsvFields
from citylake.pipelines.parse.csv_header import header_names
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.table_structure import find_table
from citylake.schemas.model.formats import CsvFormat

_SHOWN_CELLS = 6
FOOTER_RECORDS = 3
"""Rows of a footer that must look like records, so that it is reported."""
_COMPARED_COLUMNS = 40
"""Columns that are compared: a header of more is one by its first columns, too."""


def is_header_plain(cells: CsvFields) -> bool:
    """Whether every cell is a name, so that the header needs no comparison with the records below."""
    return len(cells) > 1 and all(cell is not None and not any(map(str.isdigit, cell)) for cell in cells)


def check_header(
    request: ReadRequest, fmt: CsvFormat, row: int, records: Sequence[CsvFields], report: ParseReport
) -> None:
    """Raise HEADER_IS_TITLE or HEADER_IS_DATA if the first of ``records``, on line ``row``, is surely no header."""
    texts = [[cell or "" for cell in cells[:_COMPARED_COLUMNS]] for cells in records]
    found = find_table(texts)
    if found is None or found.header == 0 or len(records) < 2:
        return
    if found.header is None and found.data == 0:
        _report_data_as_header(request, row, records[0], report, sure=found.sure)
    elif _is_title(texts[0], found.width):
        lines = row + (found.data if found.header is None else found.header) - 1
        raise request.fault("HEADER_IS_TITLE", row=row, text=_shown(texts[0]), lines=lines)


def looks_like_record(cells: Sequence[str]) -> bool:
    """Whether every cell has a value, one of them a number or a time; a row that numbers the columns is no record."""
    kinds = {cell_kind(cell) for cell in cells}
    values = len(cells) > 1 and "missing" not in kinds and not kinds.isdisjoint(("number", "time"))
    return values and not is_sequence(cells)


def check_skipped(
    request: ReadRequest, fmt: CsvFormat, row: int, records: Sequence[CsvFields], report: ParseReport
) -> None:
    """Report a line that ``skip_after_header`` skips although it looks like a record of the table."""
    texts = [[cell or "" for cell in cells] for cells in records]
    found = find_table(texts)
    if found is None or found.header != 0 or found.data > fmt.skip_after_header:
        return
    if len(texts[found.data]) == found.width and looks_like_record(texts[found.data]):
        place = {"file": request.shown, "row": row + found.data, "word": "skip_after_header"}
        report.add_notice("SKIPPED_LIKE_DATA", **place, text=_shown(texts[found.data]))


def _is_title(cells: Sequence[str], width: int) -> bool:
    """Whether so few cells are filled that the line cannot name the columns."""
    return width > 1 and sum(bool(cell.strip()) for cell in cells) <= max(1, width // 3)


def _report_data_as_header(
    request: ReadRequest, row: int, cells: CsvFields, report: ParseReport, *, sure: bool
) -> None:
    names = ", ".join(f"column_{number}" for number in range(1, len(header_names(cells)) + 1))
    texts = [cell or "" for cell in cells]
    if sure and any(cell_kind(text) in ("number", "time") for text in texts):
        raise request.fault("HEADER_IS_DATA", row=row, text=_shown(texts), names=names)
    report.add_notice("HEADER_LIKE_DATA", file=request.shown, row=row, text=_shown(texts), names=names)


def _shown(cells: Sequence[str]) -> str:
    texts = [cell for cell in cells if cell.strip()]
    return ", ".join(texts[:_SHOWN_CELLS]) + (" …" if len(texts) > _SHOWN_CELLS else "")
