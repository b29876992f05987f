"""Workbooks of programs that write XML, part names and values in their own way are read like others."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.pipelines.parse.poisons import book, cell, sheet_xml

TEXTS = "<si><t>one</t></si>"


def shared(text: str) -> bytes:
    return book(sheet_xml(cell("A2", 2, 0, "s")), strings=text)


def renamed(body: bytes, rename: Callable[[str], str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as read, zipfile.ZipFile(target, "w") as written:
        for name in read.namelist():
            written.writestr(rename(name), read.read(name))
    return target.getvalue()


@pytest.mark.parametrize(
    "rename",
    [lambda name: name.replace("sharedS", "SharedS").replace("/s0", "/S0"), lambda name: name.replace("/", "\\")],
    ids=["case", "backslash"],
)
def test_part_names_that_differ_from_the_links_are_found(parser: Any, rename: Callable[[str], str]) -> None:
    assert parser(renamed(shared(TEXTS), rename), format="xlsx").rows == [("one",)]


def test_a_workbook_without_a_sheet_is_broken(parser: Any) -> None:
    body = renamed(shared(TEXTS), lambda name: name.replace("/s0", "/other"))
    assert parser(body, format="xlsx").parsed.problem.code == "WORKBOOK_BROKEN"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<si><t><![CDATA[1 < 2 & 3]]></t></si>", "1 < 2 & 3"),
        ("<si><t>on<!-- no -->e</t></si>", "one"),
        ("<si><t>a\r\nb\rc&#13;&#10;d</t></si>", "a\nb\nc\r\nd"),
        ("<si><t>_xD83D_ _x0000_ _x0041_</t></si>", "_xD83D_ _x0000_ A"),
    ],
)
def test_shared_texts_are_read_as_xml(parser: Any, written: str, text: str) -> None:
    assert parser(shared(written), format="xlsx").rows == [(text,)]


def test_lines_within_a_text_of_a_cell_end_as_in_xml(parser: Any) -> None:
    body = book(sheet_xml(cell("A2", 2, "a\r\nb", "str")))
    assert parser(body, format="xlsx").rows == [("a\nb",)]


def test_a_numeric_cell_without_a_number_is_not_lost(parser: Any) -> None:
    rows = "".join(cell(f"A{row}", row, text) for row, text in enumerate(["NaN", "n/a", " ", 3], 2))
    assert parser(book(sheet_xml(rows)), format="xlsx").rows == [("NaN",), ("n/a",), ("3",)]
