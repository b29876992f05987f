"""Column names from the header of a delimited file, and rows of HXL tags below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, check_column_names
from citylake.schemas.model.formats import CsvFormat

_HXL_TAG = re.compile(r"\s*#[A-Za-z][A-Za-z0-9_]*(\s*\+\s*[A-Za-z][A-Za-z0-9_]*)*\s*")
"""A hashtag with attributes (hxlstandard.org, 1.1)."""


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """``width`` also counts the nameless cells at the end, which ``columns`` leaves out."""

    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    """Columns that must repeat another, each with that other column."""
    width: int


def is_hxl_row(cells: Sequence[str | None]) -> bool:
    """Whether every cell with a text is an HXL hashtag."""
    texts = [cell for cell in cells if cell]
    return bool(texts) and all(_HXL_TAG.fullmatch(text) for text in texts)


def name_columns(
    request: ReadRequest, fmt: CsvFormat, cells: Sequence[str | None], row: int, report: ParseReport
) -> ColumnNames:
    """The columns of a header of ``cells``; raises HEADER_DUPLICATE or COLUMN_RESERVED."""
    names = fmt.names or header_names(cells)
    if fmt.duplicate_columns == "rename":
        names = rename_duplicates(request, names, row, report)
    same = fmt.duplicate_columns == "same" and not fmt.names
    check_column_names(request, tuple(dict.fromkeys(names)) if same else names, row)
    columns, repeats = _mark_repeats(names)
    return ColumnNames(columns, repeats, len(cells))


def header_names(cells: Sequence[str | None]) -> tuple[str, ...]:
    """Column names: the cells, ``column_N`` for a nameless one, without the nameless ones at the end."""
    cells = list(cells)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cell or f"column_{number}" for number, cell in enumerate(cells, 1))


def rename_duplicates(request: ReadRequest, names: tuple[str, ...], row: int, report: ParseReport) -> tuple[str, ...]:
    """Unique names; reports those that changed."""
    renamed = unique_names(names)
    changed = [f"{name} → {new}" for name, new in zip(names, renamed, strict=True) if name != new]
    if changed:
        report.add_notice("COLUMN_RENAMED", file=request.shown, row=row, columns=", ".join(changed))
    return renamed


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names with ``_2``, ``_3`` … after those that occurred before."""
    found: dict[str, None] = {}
    for name in names:
        number, new = 2, name
        while new in found or (new != name and new in names):
            new, number = f"{name}_{number}", number + 1
        found[new] = None
    return tuple(found)


def _mark_repeats(names: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Unique column names, and which of them repeat an earlier one. A header cannot contain NUL, so no name clashes."""
    columns: dict[str, None] = {}
    repeats: dict[str, str] = {}
    for place, name in enumerate(names):
        column = f"{name}\0{place}" if name in columns else name
        columns[column] = None
        if column != name:
            repeats[column] = name
    return tuple(columns), repeats
