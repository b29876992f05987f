"""CSV files with one pollution each and known truth, after the kinds of the Pollock benchmark (2023).

One clean table is written with one thing wrong at a time: in the file, its dialect, a row, or a field. Each file comes
with the format that a careful person would declare for it, and with the table that it should give.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[str, ...]
HEADER: Row = ("day", "hour", "quantity", "code", "price", "kind", "description", "url", "remark")
_NOUNS = ("Pump", "Sensor", "Street lamp", "Water meter", "Bollard", "Bench", "Kerb stone", "Detector")
_TEXTS = (
    "made of steel, painted and tested",
    "for roads, bridges and tunnels: one per lane",
    "length 8'9\"\" or 12'; weight below 40 kg",
    "cable 3 m, plug type F, spare parts on request",
)


@dataclass(frozen=True, slots=True)
class PollutedFile:
    """``table``: the first line is the header. ``weight``: how frequent the kind is, in percent of real files."""

    kind: str
    name: str
    weight: float
    body: bytes
    fmt: dict[str, Any]
    table: list[Row]
    lines: dict[int, Row] = field(default_factory=dict)
    """The row that begins on a line, for the rows of the table."""


def clean_rows(count: int = 83, seed: int = 7) -> list[Row]:
    """Rows of the clean table; the last column is always empty, some texts have delimiters and quotes."""
    made = random.Random(seed)
    return [
        (
            f"{number % 28 + 1:02}/01/2018",
            f"{number % 24:02}:{made.randrange(60):02}",
            str(made.randrange(9)),
            f"{made.choice('ABCDEF')}{made.choice('GHIJ')}-{made.randrange(1000, 9999)}",
            f"${made.randrange(1, 900)}.{made.randrange(100):02}",
            made.choice(_NOUNS),
            f"{made.choice(_NOUNS)} {number}, {made.choice(_TEXTS)}".replace('""', '"'),
            f"https://www.example.com/product/{number}.html",
            "",
        )
        for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class CsvDialectWriter:
    """Writes rows; ``joined`` stands between fields, ``escape`` before a quote within one."""

    joined: str = ","
    quote: str = '"'
    escape: str = '"'
    end: str = "\r\n"

    def field(self, text: str) -> str:
        """A field, quoted if it must be, and if it is a long text."""
        marks = (self.joined.strip() or self.joined, self.quote, '"', " ")
        if not any(mark in text for mark in marks) and "/" not in text[:9]:
            return text
        return self.quote + text.replace(self.quote, self.escape + self.quote) + self.quote

    def line(self, row: Sequence[str]) -> str:
        """A record without its end."""
        return self.joined.join(map(self.field, row))

    def text(self, rows: Sequence[Sequence[str]]) -> str:
        """All records, each with its end."""
        return "".join(self.line(row) + self.end for row in rows)


_PLAIN = CsvDialectWriter()


def polluted_files(rows: Sequence[Row], every: int = 1) -> Iterator[PollutedFile]:
    """All files; of the pollutions of rows and fields, one in ``every``."""
    yield from _file_pollutions(list(rows))
    yield from _dialect_pollutions(list(rows))
    kinds: dict[str, tuple[float, Callable[[list[str], int], str], int]] = {
        "row_more_sep": (6.3, _more_delimiters, len(HEADER)),
        "row_less_sep": (5.6, _less_delimiters, len(HEADER) - 1),
        "row_extra_quote": (0.2, _extra_quote, len(HEADER)),
        "row_field_delimiter": (0.1, lambda fields, _: " ".join(fields), 1),
    }
    for kind, (weight, pollute, columns) in kinds.items():
        places = [(row, column) for row in range(len(rows) + 1) for column in range(columns)]
        chosen = places[::every]
        for row, column in chosen:
            yield _row_pollution(kind, weight / len(chosen), list(rows), row, column, pollute)


def _row_pollution(
    kind: str, weight: float, rows: list[Row], row: int, column: int, pollute: Callable[[list[str], int], str]
) -> PollutedFile:
    table = [HEADER, *rows]
    lines = [_PLAIN.line(each) for each in table]
    lines[row] = pollute([_PLAIN.field(text) for text in table[row]], column)
    body = "".join(line + "\r\n" for line in lines)
    return _file(kind, weight, body, {}, table, name=f"{kind}_row{row}_col{column}")


def _more_delimiters(fields: list[str], column: int) -> str:
    return ",".join([*fields[:column], "", *fields[column:]])


def _less_delimiters(fields: list[str], column: int) -> str:
    return ",".join([*fields[:column], fields[column] + fields[column + 1], *fields[column + 2 :]])


def _extra_quote(fields: list[str], column: int) -> str:
    return ",".join([*fields[:column], '"' + fields[column], *fields[column + 1 :]])


def _file_pollutions(rows: list[Row]) -> Iterator[PollutedFile]:
    table, text = [HEADER, *rows], _PLAIN.text([HEADER, *rows])
    named = {"header": list(HEADER)}
    yield _file("source", 0.3, text, {}, table)
    yield _file("file_no_trailing_newline", 4.1, text.removesuffix("\r\n"), {}, table)
    yield _file("file_double_trailing_newline", 0.2, text + "\r\n", {}, table)
    yield _file("file_no_header", 10.6, _PLAIN.text(rows), named, table, first=1)
    for more in (1, 2):
        body = _PLAIN.text([HEADER] * more) + text
        yield _file(
            f"file_header_multirow_{more + 1}", 1.05, body, {**named, "title_rows": more + 1}, table, first=more + 2
        )
    preamble = _PLAIN.text([("PREAMBLE", *[""] * (len(HEADER) - 1)), [""] * len(HEADER)])
    yield _file("file_preamble", 6.3, preamble + text, {"title_rows": 2}, table, first=4)
    for kind, change in {"less": HEADER[:-1], "same": HEADER, "more": (*HEADER, "more")}.items():
        second = [tuple(f"{name} 2" for name in change), *[tuple((*row, "x")[: len(change)]) for row in rows]]
        yield _file(f"file_multitable_{kind}", 1.4, text + _PLAIN.text(second), {}, table)
    yield _file("file_header_only", 0.1, _PLAIN.text([HEADER]), {}, [HEADER])
    yield _file("file_one_data_row", 0.1, _PLAIN.text(table[:2]), {}, table[:2])


def _dialect_pollutions(rows: list[Row]) -> Iterator[PollutedFile]:
    table = [HEADER, *rows]
    dialects: dict[str, tuple[float, CsvDialectWriter, dict[str, Any]]] = {
        "file_field_delimiter_semicolon": (18.7, CsvDialectWriter(joined=";"), {"delimiter": ";"}),
        "file_field_delimiter_tab": (0.2, CsvDialectWriter(joined="\t"), {"delimiter": "\t"}),
        "file_field_delimiter_space": (0.1, CsvDialectWriter(joined=" "), {"delimiter": " "}),
        "file_field_delimiter_comma_space": (2.3, CsvDialectWriter(joined=", "), {"delimiter": ","}),
        "file_quotation_char_apostrophe": (0.1, CsvDialectWriter(quote="'", escape="'"), {"quote": "'"}),
        "file_escape_char_backslash": (0.1, CsvDialectWriter(escape="\\"), {"escape": "\\"}),
        "file_escape_char_none": (0.1, CsvDialectWriter(escape=""), {}),
        "file_record_delimiter_lf": (38.0, CsvDialectWriter(end="\n"), {}),
        "file_record_delimiter_cr": (0.2, CsvDialectWriter(end="\r"), {}),
    }
    for kind, (weight, dialect, fmt) in dialects.items():
        yield _file(kind, weight, dialect.text(table), fmt, table)


def _file(
    kind: str, weight: float, body: str, fmt: dict[str, Any], table: list[Row], *, first: int = 2, name: str = ""
) -> PollutedFile:
    """``first``: the line of the first row."""
    placed = dict(enumerate(table[1:], first))
    return PollutedFile(kind, name or kind, weight, body.encode(), {"delimiter": ",", **fmt}, table, placed)
