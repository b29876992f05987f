"""A draft finds the sheets of a workbook and the table in them, and what it writes reads the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.onboard.source_sample import SourceSample, sample_source
from tests.pipelines.parse.xlsx.workbooks import Fill, workbook_of

HOURS: list[tuple[str, float, int, int]] = [("A1", 45352.0, 10, 21), ("A1", 45352.5, 11, 22), ("A2", 45353.0, 12, 23)]
NAMES = ["站点", "时间", "PM2.5", "PM10"]


def table(*above: list[str], start: int = 0, end: tuple[str, ...] = ()) -> Fill:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        for row, cells in enumerate(above):
            sheet.write_row(row, 0, cells)
        for row, (station, time, fine, coarse) in enumerate(HOURS, len(above)):
            sheet.write(row, 0, station)
            sheet.write(row, 1, time, styles["t"])
            sheet.write_row(row, 2, [fine + start, coarse + start])
        if end:
            sheet.write_row(len(above) + len(HOURS), 0, end)

    return fill


def merged(sheet: Any, styles: dict[str, Any]) -> None:
    table(["站点", "时间", "颗粒物", ""], ["", "", "PM2.5", "PM10"])(sheet, styles)
    sheet.merge_range("A1:A2", "站点")
    sheet.merge_range("B1:B2", "时间")
    sheet.merge_range("C1:D1", "颗粒物")


def notes(sheet: Any, _: dict[str, Any]) -> None:
    sheet.write_column(0, 0, ["填报说明", "每月一报"])


def draft(sheets: dict[str, Fill], folder: Path) -> SourceSample:
    path = folder / "a.xlsx"
    path.write_bytes(workbook_of(sheets))
    return sample_source({"connector": "files", "path": str(path), "format": "xlsx"}, {})


@pytest.mark.parametrize(
    ("sheets", "words", "columns"),
    [
        ({"数据": table(NAMES)}, {}, NAMES),
        ({"数据": table(["某市空气质量日报"], [], NAMES)}, {"title_rows": 2}, NAMES),
        ({"数据": table(NAMES, ["", "", "μg/m3", "μg/m3"])}, {"skip_after_header": 1}, NAMES),
        ({"数据": table(NAMES, end=("合计", "", "33"))}, {"footer": "^合计"}, NAMES),
        ({"数据": merged}, {"header_rows": 2}, ["站点", "时间", "颗粒物.PM2.5", "颗粒物.PM10"]),
        ({"说明": notes, "数据": table(NAMES)}, {"sheet": "数据"}, NAMES),
        (
            {"1月": table(NAMES), "2月": table(NAMES, start=9)},
            {"sheets": ["*"], "sheet_field": "sheet"},
            [*NAMES, "sheet"],
        ),
        (
            {"说明": notes, "1月": table(NAMES), "2月": table(NAMES, start=9)},
            {"sheets": ["1月", "2月"], "sheet_field": "sheet"},
            [*NAMES, "sheet"],
        ),
    ],
)
def test_a_draft_says_where_the_table_of_a_workbook_is(
    sheets: dict[str, Fill], words: dict[str, Any], columns: list[str], tmp_path: Path
) -> None:
    found = draft(sheets, tmp_path)
    assert found.layout is not None
    assert dict(found.layout.words) == words
    assert list(found.columns) == columns
    read = [name for name in sheets if "月" in name] or ["数据"]
    assert found.rows.height == len(HOURS) * len(read)
    assert bool(found.layout.comment()) == bool(words)


def test_an_empty_first_sheet_and_duplicate_columns_are_declared(tmp_path: Path) -> None:
    def twice(sheet: Any, _: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["n", "n", "name"])
        sheet.write_row(1, 0, [1, 2, "a"])

    path = tmp_path / "data.xlsx"
    path.write_bytes(workbook_of({"Sheet1": lambda *_: None, "Data": twice}))
    sample = sample_source({"connector": "files", "path": str(path), "format": "xlsx"}, {})
    assert sample.layout is not None
    assert sample.layout.words == {"sheet": "Data", "duplicate_columns": "rename"}
    assert "Sheet1" in sample.layout.comment()
    assert (sample.columns, sample.rows.rows()) == (("n", "n_2", "name"), [("1", "2", "a")])
