"""XLSX: the text that a person would see, by sheet and row."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest

from tests.pipelines.parse.xlsx.workbooks import workbook


def test_cells_are_the_text_that_a_person_sees(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["whole", "part", "text", "flag", "long"])
        sheet.write_row(1, 0, [7.0, 0.1 + 0.2, " 007 ", True, 9007199254740992])
        sheet.write_row(2, 0, [-1, 1.5, None, False, "12345678901234567890"])

    assert parser(workbook(fill), format="xlsx").rows == [
        ("7", "0.3", " 007 ", "true", "9.007199254740992E+15"),
        ("-1", "1.5", None, "false", "12345678901234567890"),
    ]


def test_dates_are_iso_and_text_like_them_stays(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["date", "moment", "clock", "text", "mixed", "old"])
        for row, hour in ((1, 0), (2, 13)):
            sheet.write(row, 0, dt.date(2026, 3, row), styles["d"])
            sheet.write(row, 1, dt.datetime(2026, 3, 1, hour), styles["t"])
            sheet.write(row, 2, dt.time(8, hour), styles["c"])
            sheet.write(row, 3, "2026-03-01 00:00:00")
            sheet.write(row, 5, dt.date(9999 if row == 1 else 1900, 12, 31), styles["d"])
        sheet.write(1, 4, "暂无")
        sheet.write(2, 4, dt.date(2026, 3, 1), styles["d"])

    assert parser(workbook(fill), format="xlsx").rows == [
        ("2026-03-01", "2026-03-01 00:00:00", "08:00:00", "2026-03-01 00:00:00", "暂无", "9999-12-31"),
        ("2026-03-02", "2026-03-01 13:00:00", "08:13:00", "2026-03-01 00:00:00", "2026-03-01", "1900-12-31"),
    ]


def test_lengths_of_time_may_pass_a_day(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["title"])
        sheet.write_row(1, 0, ["trip", "took"])
        for row, hours in ((2, 0.5), (3, 25.25)):
            sheet.write(row, 0, row)
            sheet.write(row, 1, dt.timedelta(hours=hours), styles["s"])

    outcome = parser(workbook(fill), format={"type": "xlsx", "title_rows": 1})
    assert outcome.rows == [("2", "00:30:00"), ("3", "25:15:00")]


def test_a_column_of_durations_may_have_numbers_texts_and_dates(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["trip", "took"])
        sheet.write(1, 1, dt.timedelta(hours=25), styles["s"])
        sheet.write(2, 1, 1.5)
        sheet.write(3, 1, "none")
        sheet.write(4, 1, dt.datetime(2024, 1, 2, 3), styles["t"])
        sheet.write_column(1, 0, [1, 2, 3, 4])

    assert [row[1] for row in parser(workbook(fill), format="xlsx").rows] == [
        "25:00:00",
        "1.5",
        "none",
        "2024-01-02 03:00:00",
    ]


@pytest.mark.parametrize(("row", "column"), [(0, 1), (0, 3), (2, 0), (1, 2)])
def test_a_table_may_begin_anywhere_in_its_sheet(parser: Any, row: int, column: int) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(row, column, ["day", "name", "took"])
        sheet.write(row + 1, column, dt.date(2024, 1, 2), styles["d"])
        sheet.write(row + 1, column + 1, "2024-01-02 00:00:00")
        sheet.write(row + 1, column + 2, dt.timedelta(hours=30), styles["s"])

    outcome = parser(workbook(fill), format={"type": "xlsx", "title_rows": row})
    assert outcome.parsed.columns == ("day", "name", "took")
    assert outcome.rows == [("2024-01-02", "2024-01-02 00:00:00", "30:00:00")]


def test_titles_footers_and_blank_rows_are_no_records(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write(0, 0, "某市企业名录")
        sheet.write_row(2, 0, ["a", "b"])
        sheet.write_row(3, 0, ["1", "x"])
        sheet.write_row(5, 0, ["2", "y"])
        sheet.write_row(6, 0, ["合计", "2"])

    outcome = parser(workbook(fill), format={"type": "xlsx", "title_rows": 2, "footer": "合计"})
    assert (outcome.rows, outcome.lines) == ([("1", "x"), ("2", "y")], [4, 6])
    assert [(skip["row"], skip["why"]) for skip in outcome.parsed.report["skipped"]] == [
        (1, "title"), (2, "title"), (7, "footer"), (5, "blank"),
    ]  # fmt: skip


def test_error_cells_are_text_never_nothing(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1, 4711])

    old, new = io.BytesIO(workbook(fill)), io.BytesIO()
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        for name in source.namelist():
            body = source.read(name).replace(b'<c r="B2"><v>4711</v>', b'<c r="B2" t="e"><v>#N/A</v>')
            target.writestr(name, body)
    assert parser(new.getvalue(), format="xlsx").rows == [("1", "#N/A")]


def test_a_sheet_is_picked_by_name(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["a"])
        sheet.write_row(1, 0, ["1"])

    body = workbook(fill, "说明", "数据")
    outcome = parser(body, format={"type": "xlsx", "sheet": "数据"})
    assert outcome.frame.select("a", "_part", "_row").rows() == [("1", "数据", 2)]
    problem = parser(body, format={"type": "xlsx", "sheet": "無"}).parsed.problem
    assert (problem.code, problem.values["sheets"]) == ("SHEET_MISSING", "说明, 数据")


def test_values_beyond_the_header_get_a_column_of_their_own_and_are_reported(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1, 2])
        sheet.write_row(2, 0, [1, 2, None, 3])
        sheet.write_row(3, 0, ["合计", 4, 5, 6, 7])

    outcome = parser(workbook(fill), format={"type": "xlsx", "footer": "合计"})
    assert outcome.parsed.columns == ("a", "b", "column_3", "column_4")
    assert outcome.rows == [("1", "2", None, None), ("1", "2", None, "3")]
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["columns"]) == ("COLUMN_NAMELESS", "column_3, column_4")


def test_what_is_no_workbook_is_told(parser: Any) -> None:
    assert parser(b"a,b\n1,2\n", format="xlsx").parsed.problem.code == "WORKBOOK_BROKEN"
    whole = workbook(lambda sheet, styles: None)
    assert parser(whole[: len(whole) // 2], format="xlsx").parsed.problem.code == "ZIP_BROKEN"
    assert parser(whole, format="xlsx").parsed.problem.code == "HEADER_MISSING"


def test_columns_whose_names_look_like_patterns_are_columns(parser: Any) -> None:
    def fill(sheet: Any, _: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["*", "^a.*$", "ab"])
        sheet.write_row(1, 0, [1, 2, 3])

    assert parser(workbook(fill), format="xlsx").rows == [("1", "2", "3")]
