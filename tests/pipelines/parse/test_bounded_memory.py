"""No file takes more than the memory of the run: it is read within it, or refused by name."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from citylake.pipelines.parse.parse_limits import COLUMNS_MAX
from tests.forked.commands import ForkedCommands
from tests.pipelines.parse import poisons
from tests.pipelines.parse.measured_parse import print_measured
from tests.pipelines.parse.poisons import book, cell, sheet_xml

MEMORY = 400_000_000
OVERHEAD_MB = 190
"""Beside the memory of the run, and beside the 110 MB that imports take."""
ADDRESS_SPACE = 6_000_000_000

Measure = Callable[..., dict[str, Any]]


@pytest.fixture
def measured(forked: ForkedCommands, tmp_path: Path) -> Measure:
    """``measured(body, **source)``: what a parse of the bytes gives and takes, in a process that has its imports."""

    def measure(body: bytes, **source: Any) -> dict[str, Any]:
        path, printed = tmp_path / "x", tmp_path / "printed"
        path.write_bytes(body)
        words = [f"{print_measured.__module__}:{print_measured.__name__}", str(path), json.dumps(source)]
        with printed.open("w", encoding="utf-8") as output:
            code = forked.start([*words, str(MEMORY), str(ADDRESS_SPACE)], output=output).wait()
        assert code == 0, printed.read_text("utf-8")[-2000:]
        return dict(json.loads(printed.read_text("utf-8")))

    return measure


WORKBOOKS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "a cell beyond the last row that there can be": (
        lambda: book(sheet_xml(cell("XFD4294967295", 4_294_967_295))),
        "WORKBOOK_BROKEN",
    ),
    "the last cell that there can be": (lambda: book(sheet_xml(cell("XFD1048576", 1_048_576))), "WORKBOOK_SPARSE"),
    "a cell that says it is in another row": (lambda: book(sheet_xml(cell("A1048576", 2))), "WORKBOOK_BROKEN"),
    "a cell that refers to no text": (
        lambda: book(sheet_xml(cell("A2", 2, 9, "s"))),
        "WORKBOOK_BROKEN",
    ),
    "a long text in each of 180,000 cells": (lambda: poisons.repeated_text(180_000), "FILE_EXPANDS"),
    "a merged range of the whole sheet": (
        lambda: book(sheet_xml(cell("A2", 2), '<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>')),
        None,
    ),
    "a sheet that unpacks to a gigabyte": (lambda: book(sheet_xml(""), padding=1_010_000_000), "FILE_EXPANDS"),
    "1,000 sheets": (lambda: book(sheet_xml(cell("A2", 2)), count=1000), None),
    "a document type with entities": (lambda: book("<!DOCTYPE a []>" + sheet_xml(cell("A2", 2))), "WORKBOOK_BROKEN"),
    "a damaged XLS": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000),
        "WORKBOOK_BROKEN",
    ),
}


@pytest.mark.parametrize("poison", WORKBOOKS)
def test_a_workbook_is_read_within_the_memory_or_refused(measured: Measure, poison: str) -> None:
    made, code = WORKBOOKS[poison]
    found = measured(made(), format="xlsx")
    assert found["problem"] == code
    assert found["mb"] < OVERHEAD_MB + MEMORY // 1_000_000


OTHERS: dict[str, tuple[Callable[[], bytes], Any, str | None]] = {
    "JSON with ever new keys": (lambda: poisons.new_keys(20_000), "json", "COLUMNS_SPARSE"),
    "JSON with a record of 70,000 members": (
        lambda: json.dumps([{"a": list(range(70_000))}]).encode(),
        "json",
        "COLUMNS_TOO_MANY",
    ),
    "JSON whose record is the whole file": (
        lambda: b'{"a": [' + b"10," * 8_000_000 + b"1]}",
        "json",
        "RECORD_TOO_LARGE",
    ),
    "CSV with 100,000 columns": (
        lambda: (",".join(f"c{n}" for n in range(100_000)) + "\n" + "1," * 99_999 + "1\n").encode(),
        "csv",
        "COLUMNS_TOO_MANY",
    ),
    "Parquet with more columns than a table has": (
        lambda: poisons.parquet(pa.table({f"c{n}": [1] for n in range(COLUMNS_MAX + 1)})),
        "parquet",
        "COLUMNS_TOO_MANY",
    ),
    "Parquet with a long text in every row": (
        lambda: poisons.one_value("x" * 1_000_000, 100_000),
        "parquet",
        "FILE_EXPANDS",
    ),
    "gzip that unpacks to a gigabyte": (lambda: poisons.packed_zeros(1_020_000_000), "csv", "FILE_EXPANDS"),
}


@pytest.mark.parametrize("poison", OTHERS)
def test_another_file_is_read_within_the_memory_or_refused(measured: Measure, poison: str) -> None:
    made, form, code = OTHERS[poison]
    found = measured(made(), format=form)
    assert found["problem"] == code
    assert found["mb"] < OVERHEAD_MB + MEMORY // 1_000_000


LINEAR: dict[str, tuple[Callable[[int], bytes], Any, int]] = {
    "columns as lists": (poisons.column_lists, {"type": "json", "columns": "hourly"}, 40_000),
    "a value in every row of Parquet": (lambda rows: poisons.one_value("x", rows), "parquet", 400_000),
    "rows of a workbook": (
        lambda rows: book(sheet_xml("".join(cell(f"A{row}", row, row) for row in range(2, rows + 2)))),
        "xlsx",
        40_000,
    ),
}


@pytest.mark.parametrize("kind", LINEAR)
def test_twice_the_rows_take_twice_the_time(measured: Measure, kind: str) -> None:
    made, form, rows = LINEAR[kind]
    once, twice = (measured(made(each), format=form) for each in (rows, 2 * rows))
    assert (once["rows"], twice["rows"]) == (rows, 2 * rows)
    assert twice["cpu_s"] < 2.5 * once["cpu_s"] + 0.5
    assert twice["mb"] < OVERHEAD_MB + MEMORY // 1_000_000


def test_a_contract_can_raise_what_a_file_may_expand_to(measured: Measure) -> None:
    body = poisons.one_value("x" * 1_000_000, 1_100)
    assert measured(body, format="parquet")["problem"] == "FILE_EXPANDS"
    stated = measured(body, format="parquet", max_bytes=2_000_000_000)
    assert (stated["problem"], stated["rows"]) == (None, 1_100)
    assert stated["mb"] < OVERHEAD_MB + MEMORY // 1_000_000


def test_honest_tables_are_far_from_the_limits(measured: Measure) -> None:
    wide = (",".join(f"c{n}" for n in range(5_000)) + "\n" + ("1," * 4_999 + "1\n") * 20).encode()
    assert measured(wide, format="csv") | {"mb": 0, "cpu_s": 0} == {
        "rows": 20, "problem": None, "mb": 0, "cpu_s": 0,
    }  # fmt: skip
    chance = random.Random(1)
    tags = [{"id": row, **{f"tag:{chance.randrange(1500)}": "v" for _ in range(5)}} for row in range(20_000)]
    assert measured(json.dumps(tags).encode(), format="json")["rows"] == 20_000
    members = json.dumps([{f"m{n}": row for n in range(2_000)} for row in range(100)]).encode()
    assert measured(members, format="json")["rows"] == 100


def test_a_year_of_hours_in_lists_is_one_record(measured: Measure) -> None:
    year = json.dumps({"hourly": {f"c{column}": list(range(8_784)) for column in range(7)}}).encode()
    assert measured(year, format="json")["rows"] == 1
