"""Where a delimited table starts, what parts its fields, and what its columns are called."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from pipelines.parse.given import Given, Report, check_names
from pipelines.parse.lines import Lines
from pipelines.parse.split import Dialect, records
from pipelines.parse.text import Text
from schemas.formats import CsvFormat

_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """``width`` counts the nameless header cells at the end too, which ``columns`` leaves out."""

    dialect: Dialect
    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    """Columns that must hold the same as another, and that other."""
    width: int
    first_line: int
    """The line on which the data start."""
    offset: int
    """The byte at which they start."""


def layout(given: Given, text: Text, fmt: CsvFormat, report: Report) -> Layout:
    """The layout of ``text``; raises HEADER_MISSING, HEADER_DUPLICATE or COLUMN_RESERVED."""
    delimiter = fmt.delimiter or _delimiter(_sample(given, text, fmt), fmt.quote)
    dialect = Dialect(delimiter, fmt.quote)
    with Lines(given, text.path, fmt.max_field_bytes, report, text.encoding) as lines:
        for line in islice(lines, fmt.title_rows):
            report.skip(lines.number, line, "title")
        names, width = _columns(given, lines, dialect, fmt)
        columns, repeats = _told_apart(names)
        report.facts |= {"delimiter": delimiter, "header_row": None if fmt.header else fmt.title_rows + 1}
        return Layout(dialect, columns, repeats, width, lines.number + 1, lines.bytes + len(BOM_UTF8) * text.bom)


def _columns(given: Given, lines: Lines, dialect: Dialect, fmt: CsvFormat) -> tuple[tuple[str, ...], int]:
    row = fmt.title_rows + 1
    if fmt.header:
        check_names(given, fmt.header, row)
        return fmt.header, len(fmt.header)
    _, cells = next(records(given, lines, dialect, fmt.max_field_bytes), (row, []))
    if not any(cells):
        raise given.fault("HEADER_MISSING", row=row)
    names = named(cells)
    check_names(given, tuple(dict.fromkeys(names)) if fmt.duplicate_columns == "same" else names, row)
    return names, len(cells)


def _told_apart(names: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Unique names for columns, and which of them repeat one before. No header can hold NUL, so none clashes."""
    columns: list[str] = []
    repeats: dict[str, str] = {}
    for place, name in enumerate(names):
        column = f"{name}\0{place}" if name in columns else name
        columns.append(column)
        if column != name:
            repeats[column] = name
    return tuple(columns), repeats


def named(cells: Sequence[str | None]) -> tuple[str, ...]:
    """Column names: cells as they are, ``column_N`` for a nameless one, without the nameless ones at the end."""
    cells = list(cells)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cell or f"column_{number}" for number, cell in enumerate(cells, 1))


def _sample(given: Given, text: Text, fmt: CsvFormat) -> list[str]:
    with Lines(given, text.path, fmt.max_field_bytes, Report(), text.encoding) as lines:
        return list(islice(lines, fmt.title_rows, fmt.title_rows + _SAMPLE_LINES))


def _delimiter(sample: list[str], quote: str) -> str:
    """The delimiter under which the lines have the most fields, and the same number of them."""

    def judged(delimiter: str) -> tuple[bool, int]:
        counts = [_outside(line, quote).count(delimiter) for line in sample if line.strip()]
        return len(set(counts)) == 1 and counts[0] > 0, max(counts[:1], default=0)

    return max(_DELIMITERS, key=judged)


def _outside(line: str, quote: str) -> str:
    return "".join(line.split(quote)[::2]) if quote else line
