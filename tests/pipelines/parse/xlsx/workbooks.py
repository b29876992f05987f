"""Workbooks that tests fill by code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import xlsxwriter

FORMATS = {"d": "yyyy-mm-dd", "t": "yyyy-mm-dd hh:mm:ss", "c": "hh:mm", "s": "[h]:mm:ss", "z": "00000", "p": "0.0%"}
Fill = Callable[[Any, dict[str, Any]], None]


def workbook(fill: Fill, *sheets: str, **options: Any) -> bytes:
    """``fill`` writes to the last of the sheets."""
    return workbook_of({**dict.fromkeys(sheets[:-1], _leave_empty), (sheets or ("数据",))[-1]: fill}, **options)


def workbook_of(sheets: dict[str, Fill], **options: Any) -> bytes:
    """One function a sheet."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, options)
    styles = {name: book.add_format({"num_format": code}) for name, code in FORMATS.items()}
    for name, fill in sheets.items():
        fill(book.add_worksheet(name), styles)
    book.close()
    return buffer.getvalue()


def edit_sheet(body: bytes, old: bytes, new: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The workbook with other XML in one part."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(target, "w") as written:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content, content
                content = content.replace(old, new)
            written.writestr(name, content)
    return target.getvalue()


def _leave_empty(_: Any, __: dict[str, Any]) -> None:
    pass
