"""Tables of odd texts, and how each format writes them: what comes back must be the same texts."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import xlsxwriter
from hypothesis import strategies as st

from tests.fuzz.seeds import FuzzCase, parquet_bytes

Table = list[tuple[str, ...]]
NAMES = ("站点", "b c", "v")
_LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters="\ufeff\ufffd"
)
TEXTS = st.one_of(
    st.sampled_from(
        ["0", "-1.50", "1e5", "NaN", "null", "=1+1", "\u202eb", "é", "\U0001f600", "'", "\\N", "a\\", "00012"]
    ),
    st.text(_LETTERS, min_size=1, max_size=12).filter(lambda text: text == text.strip()),
)
"""Texts that every format can hold: none is empty, begins with a blank, or has a control character."""
TABLES = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=2, max_size=12)


def csv_case(rows: Table, encoding: str = "utf-8", delimiter: str = ",", end: str = "\n") -> FuzzCase:
    """Every field in quotes, those within doubled."""
    lines = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (NAMES, *rows))
    body = "".join(f"{line}{end}" for line in lines).encode(encoding)
    return FuzzCase("csv", (body,), {"encoding": encoding, "delimiter": delimiter, "escape": "", "header": True})


def _json_case(rows: Table) -> FuzzCase:
    return FuzzCase("json", (json.dumps([dict(zip(NAMES, row, strict=True)) for row in rows]).encode(),))


def _json_lines_case(rows: Table) -> FuzzCase:
    lines = (json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False) for row in rows)
    return FuzzCase("json", ("\n".join(lines).encode(),), {"lines": True})


def _parquet_case(rows: Table) -> FuzzCase:
    columns = zip(*rows, strict=True)
    return FuzzCase("parquet", (parquet_bytes(pa.table(dict(zip(NAMES, map(list, columns), strict=True)))),))


def _xlsx_case(rows: Table) -> FuzzCase:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((NAMES, *rows)):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return FuzzCase("xlsx", (held.getvalue(),))


WRITERS: dict[str, Callable[[Table], FuzzCase]] = {
    "csv": csv_case,
    "csv, tabs and CR LF": lambda rows: csv_case(rows, delimiter="\t", end="\r\n"),
    "csv in UTF-16": lambda rows: csv_case(rows, encoding="utf-16"),
    "csv in GB18030": lambda rows: csv_case(rows, encoding="gb18030"),
    "json": _json_case,
    "json lines": _json_lines_case,
    "parquet": _parquet_case,
    "xlsx": _xlsx_case,
}
"""How a table is written, by format."""

BAD_LINES: tuple[bytes, ...] = (
    b"1,2\n", b"1,2,3,4\n", b"\xff\xfe,2,3\n", b"1,\x00,3\n", b'"1"x,2,3\n', b"\xef\xbb\xbf1,2,3\n", b"\n",
    b"x" * 300 + b",2,3\n",
)  # fmt: skip
"""Lines that are no record of three fields."""


@st.composite
def with_bad_lines(draw: st.DrawFn) -> tuple[bytes, dict[int, bytes], Table]:
    """A CSV file, its bad lines by number, and its good rows with the number of each at the end."""
    rows = draw(st.lists(st.tuples(*[st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)] * 3), min_size=6, max_size=20))
    bad = draw(st.dictionaries(st.integers(2, len(rows)), st.sampled_from(BAD_LINES), max_size=len(rows) // 3))
    body, good, number = b"a,b,c\n", [], 1
    for place, row in enumerate(rows, 1):
        if place in bad:
            body, number = body + bad[place], number + 1
        body, number = body + ",".join(row).encode() + b"\n", number + 1
        good.append((*row, str(number)))
    lines = dict(enumerate(body.splitlines(keepends=True), 1))
    numbers = {int(row[-1]) for row in good}
    return body, {at: line for at, line in lines.items() if at > 1 and at not in numbers}, good


def row_texts(frame: Any, columns: tuple[str, ...]) -> Table:
    """The texts of a parsed table."""
    return [tuple(row) for row in frame.select(columns).rows()]
