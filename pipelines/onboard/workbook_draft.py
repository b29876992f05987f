"""The words of a contract for a workbook: which sheets, and where the table stands in them, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl

from citylake.pipelines.onboard.table_end import detect_footer
from citylake.pipelines.onboard.text_sample import TextRecord
from citylake.pipelines.parse.csv_header import header_names, unique_names
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.table_structure import TableStructure, find_table
from citylake.pipelines.parse.xlsx.open_workbook import OpenWorkbook, open_workbook
from citylake.pipelines.parse.xlsx.sheet_cells import SheetCells

_HEAD_ROWS, _TAIL_ROWS, _SHEETS = 60, 40, 40
Reasons = Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class _SheetSample:
    """The first and the last rows of a sheet, and the table that seems to be in them."""

    name: str
    head: Sequence[TextRecord]
    tail: Sequence[TextRecord]
    found: TableStructure | None

    @property
    def header(self) -> tuple[str, ...]:
        """The cells of the header row; empty if there is none."""
        place = self.found.header if self.found else None
        return () if place is None else tuple(self.head[place].cells)


def draft_workbook_words(request: ReadRequest, chosen: Sequence[str] = ()) -> tuple[dict[str, Any], Reasons]:
    """What a contract must say so that the workbook of ``request`` is read right; nothing for a plain one.

    ``chosen``: the sheets to read, otherwise all. Raises the faults of the workbook.
    """
    words: dict[str, Any] = {}
    reasons: list[tuple[str, Mapping[str, Any]]] = []
    with open_workbook(request) as book:
        names = list(chosen) or _filled_sheets(book)
        samples = [_sample_sheet(request, book, name) for name in names]
        empty = [name for name in book.names if name not in book.hidden | set(names)]
        default = next((name for name in book.names if name not in book.hidden), None)
    if not samples:
        return words, reasons
    if chosen:
        words |= {"sheet": chosen[0]} if len(chosen) == 1 else {"sheets": list(chosen), "sheet_field": "sheet"}
        _place_table(samples[0], words, reasons)
        return words, reasons
    first = max(samples, key=lambda sample: len(sample.header) > 1)
    if len(samples) > 1:
        _choose_sheets(first, samples, words, reasons)
    elif first.name != default:
        words["sheet"] = first.name
        reasons.append(("sheet_empty", {"others": ", ".join(empty)}))
    _place_table(first, words, reasons)
    return words, reasons


def sheet_groups(request: ReadRequest) -> list[tuple[str, ...]]:
    """The sheets with a table of two columns or more, those with the same columns together; the hidden ones not."""
    with open_workbook(request) as book:
        samples = [_sample_sheet(request, book, name) for name in _filled_sheets(book)]
    groups: dict[frozenset[str], tuple[str, ...]] = {}
    for each in samples:
        if len(each.header) > 1:
            columns = frozenset(each.header)
            groups[columns] = (*groups.get(columns, ()), each.name)
    return list(groups.values())


def _filled_sheets(book: OpenWorkbook) -> list[str]:
    return list(islice((name for name in book.names if name not in book.hidden and book.has_cells(name)), _SHEETS))


def _sample_sheet(request: ReadRequest, book: OpenWorkbook, name: str) -> _SheetSample:
    cells = book.read(name, 0, ParseReport())
    last = cells.found.rows
    head = _records(cells, 1, min(last, _HEAD_ROWS))
    tail = _records(cells, max(_HEAD_ROWS, last - _TAIL_ROWS) + 1, last)
    return _SheetSample(name, head, tail, find_table([record.cells for record in head]))


def _records(cells: SheetCells, first: int, last: int) -> list[TextRecord]:
    """The rows from ``first`` to ``last``, also blank ones."""
    chosen = cells.body.filter(pl.col("_row").is_between(first, last)).collect(engine="streaming")
    rows = {row[0]: row[1:] for row in chosen.iter_rows()}
    blank = (None,) * len(cells.columns)
    return [
        TextRecord(number, number, tuple(cell or "" for cell in rows.get(number, blank)))
        for number in range(first, last + 1)
    ]


def _choose_sheets(
    first: _SheetSample, samples: Sequence[_SheetSample], words: dict[str, Any], reasons: list[tuple[str, Any]]
) -> None:
    """All sheets with the columns of the first table, or that one alone."""
    alike = [each.name for each in samples if set(each.header) == set(first.header)]
    if len(alike) == 1 or not first.header:
        words["sheet"] = first.name
        others = ", ".join(each.name for each in samples if each is not first)
        reasons.append(("sheet", {"value": first.name, "others": others}))
        return
    words["sheets"] = ["*"] if len(alike) == len(samples) else alike
    words["sheet_field"] = "sheet"
    reasons.append(("sheets", {"value": len(alike)}))


def _place_table(sample: _SheetSample, words: dict[str, Any], reasons: list[tuple[str, Any]]) -> None:
    found = sample.found
    if found is None or found.header is None:
        return
    if found.header:
        words["title_rows"] = found.header
        reasons.append(("title_rows", {"value": found.header}))
    if found.joined:
        words["header_rows"] = 2
        reasons.append(("header_joined", {}))
    elif found.below:
        words["skip_after_header"] = found.below
        text = " ".join(filter(None, sample.head[found.header + 1].cells))[:40]
        reasons.append(("skip_after_header", {"value": found.below, "text": text}))
    columns = () if found.joined else header_names(sample.header)
    if len(set(columns)) < len(columns):
        twice = [name for name, new in zip(columns, unique_names(columns), strict=True) if name != new]
        words["duplicate_columns"] = "rename"
        reasons.append(("duplicate_columns", {"columns": ", ".join(dict.fromkeys(twice))}))
    footer = detect_footer(sample.head[found.data :], sample.tail, found.width)
    if footer:
        words["footer"] = footer
        reasons.append(("footer", {"value": footer}))
