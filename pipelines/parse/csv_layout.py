"""The layout of a delimited file: delimiter, header, column names, and where the data start."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from citylake.pipelines.parse.csv_fields import CsvDialect
from citylake.pipelines.parse.csv_records import split_csv_records
from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, check_column_names
from citylake.pipelines.parse.text_encoding import EncodedFile
from citylake.schemas.model.formats import CsvFormat

_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 20


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """``width`` also counts nameless header cells at the end, which ``columns`` leaves out."""

    dialect: CsvDialect
    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    """Columns that must repeat another, each with that other column."""
    width: int
    first_line: int
    """The line on which the data start."""
    offset: int
    """The byte at which they start."""


def detect_csv_layout(request: ReadRequest, text: EncodedFile, fmt: CsvFormat, report: ParseReport) -> CsvLayout:
    """The layout of ``text``; raises HEADER_MISSING, HEADER_DUPLICATE or COLUMN_RESERVED."""
    delimiter = fmt.delimiter or _detect_delimiter(_sample_lines(request, text, fmt), fmt.quote)
    dialect = CsvDialect(delimiter, fmt.quote, fmt.escape or "")
    with LineReader(request, text.path, fmt.max_field_bytes, report, text.encoding) as lines:
        for line in islice(lines, fmt.title_rows):
            report.skip(lines.number, line, "title")
        names, width = _read_header(request, lines, dialect, fmt)
        columns, repeats = _unique_columns(names)
        report.facts |= {"delimiter": delimiter, "header_row": None if fmt.header else fmt.title_rows + 1}
        return CsvLayout(dialect, columns, repeats, width, lines.number + 1, lines.bytes + len(BOM_UTF8) * text.bom)


def _read_header(
    request: ReadRequest, lines: LineReader, dialect: CsvDialect, fmt: CsvFormat
) -> tuple[tuple[str, ...], int]:
    row = fmt.title_rows + 1
    if fmt.header:
        check_column_names(request, fmt.header, row)
        return fmt.header, len(fmt.header)
    _, cells = next(split_csv_records(request, lines, dialect, fmt.max_field_bytes), (row, []))
    if not any(cells):
        raise request.fault("HEADER_MISSING", row=row)
    names = header_names(cells)
    check_column_names(request, tuple(dict.fromkeys(names)) if fmt.duplicate_columns == "same" else names, row)
    return names, len(cells)


def _unique_columns(names: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Unique column names, and which of them repeat an earlier one. A header cannot contain NUL, so no name clashes."""
    columns: list[str] = []
    repeats: dict[str, str] = {}
    for place, name in enumerate(names):
        column = f"{name}\0{place}" if name in columns else name
        columns.append(column)
        if column != name:
            repeats[column] = name
    return tuple(columns), repeats


def header_names(cells: Sequence[str | None]) -> tuple[str, ...]:
    """Column names: the cells, ``column_N`` for a nameless one, without the nameless ones at the end."""
    cells = list(cells)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cell or f"column_{number}" for number, cell in enumerate(cells, 1))


def _sample_lines(request: ReadRequest, text: EncodedFile, fmt: CsvFormat) -> list[str]:
    with LineReader(request, text.path, fmt.max_field_bytes, ParseReport(), text.encoding) as lines:
        return list(islice(lines.sound_texts(), fmt.title_rows, fmt.title_rows + _SAMPLE_LINES))


def _detect_delimiter(sample: list[str], quote: str) -> str:
    """The delimiter that gives all lines the same number of fields, and the most fields."""

    def judged(delimiter: str) -> tuple[bool, int]:
        counts = [_outside_quotes(line, quote).count(delimiter) for line in sample if line.strip()]
        return len(set(counts)) == 1 and counts[0] > 0, max(counts[:1], default=0)

    return max(_DELIMITERS, key=judged)


def _outside_quotes(line: str, quote: str) -> str:
    return "".join(line.split(quote)[::2]) if quote else line
