"""Several sheets, merged ranges and headers of two rows."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from citylake.schemas.model.formats import XlsxFormat
from tests.pipelines.parse.xlsx.workbooks import Fill, workbook, workbook_of


def rows(header: list[str], *values: list[Any], hide: bool = False) -> Fill:
    def fill(sheet: Any, _: dict[str, Any]) -> None:
        for row, cells in enumerate([header, *values]):
            sheet.write_row(row, 0, cells)
        if hide:
            sheet.hide()

    return fill


MONTHS = {
    "1月": rows(["a", "b"], [1, "x"]),
    "2月": rows(["b", "a"], ["y", 2]),
    "说明": rows(["备注"], ["无"]),
    "隐": rows(["a", "b"], [9, "z"], hide=True),
}


def codes(outcome: Any) -> list[str]:
    return [each["code"] for each in outcome.parsed.report["notices"]]


def test_sheets_that_a_contract_does_not_name_are_reported(parser: Any) -> None:
    outcome = parser(workbook_of(MONTHS), format="xlsx")
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["number"], notice["sheets"]) == ("SHEETS_UNREAD", 3, "2月, 说明, 隐 (hidden)")
    assert outcome.rows == [("1", "x")]
    assert codes(parser(workbook_of(MONTHS), format={"type": "xlsx", "sheet": "1月"})) == []


def test_sheets_are_read_one_after_the_other_by_the_names_of_their_columns(parser: Any) -> None:
    outcome = parser(workbook_of(MONTHS), format={"type": "xlsx", "sheets": ["*月"], "sheet_field": "month"})
    assert outcome.frame.select("a", "b", "month", "_part", "_row").rows() == [
        ("1", "x", "1月", "1月", 2),
        ("2", "y", "2月", "2月", 2),
    ]
    assert codes(outcome) == []


def test_a_hidden_sheet_is_read_only_by_its_name(parser: Any) -> None:
    def shown_first(sheet: Any, styles: dict[str, Any]) -> None:
        MONTHS["1月"](sheet, styles)
        sheet.activate()

    first_hidden = {"隐": MONTHS["隐"], "1月": shown_first}
    assert parser(workbook_of(first_hidden), format="xlsx").rows == [("1", "x")]
    assert parser(workbook_of(first_hidden), format={"type": "xlsx", "sheets": ["*"]}).rows == [("1", "x")]
    assert parser(workbook_of(first_hidden), format={"type": "xlsx", "sheets": ["隐"]}).rows == [("9", "z")]


def test_sheets_with_other_columns_are_refused_with_their_names(parser: Any) -> None:
    problem = parser(workbook_of(MONTHS), format={"type": "xlsx", "sheets": ["*"]}).parsed.problem
    assert (problem.code, problem.values["sheet"], problem.values["columns"]) == ("SHEETS_DIFFER", "说明", "a, b, 备注")
    missing = parser(workbook_of(MONTHS), format={"type": "xlsx", "sheets": ["5*"]}).parsed.problem
    assert (missing.code, missing.values["sheet"]) == ("SHEET_MISSING", "5*")


def test_sheet_and_sheets_together_are_a_fault_of_the_contract() -> None:
    with pytest.raises(ValidationError, match="not both"):
        XlsxFormat(sheet="a", sheets=("b",))


def merged(sheet: Any, _: dict[str, Any]) -> None:
    """Stands in column B, so that places are not counted from column A by mistake."""
    sheet.merge_range("B1:B2", "站点")
    sheet.merge_range("C1:D1", "颗粒物")
    sheet.write_row("C2", ["PM2.5", "PM10"])
    sheet.merge_range("B3:B5", "A1")
    for row in range(2, 6):
        sheet.write_row(row, 2, [row, row + 10])
    sheet.write("B6", "A2")
    sheet.merge_range("C7:D7", "停电")
    sheet.write("B7", "A3")


def test_a_merged_range_has_its_value_in_every_row(parser: Any) -> None:
    outcome = parser(workbook(merged), format={"type": "xlsx", "title_rows": 1})
    assert outcome.parsed.columns == ("column_1", "PM2.5", "PM10")
    assert outcome.rows == [
        ("A1", "2", "12"), ("A1", "3", "13"), ("A1", "4", "14"), ("A2", "5", "15"), ("A3", "停电", "停电"),
    ]  # fmt: skip
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["number"], notice["cell"]) == ("CELLS_MERGED", 2, "B3:B5")


def test_a_contract_can_keep_the_value_in_the_first_cell(parser: Any) -> None:
    outcome = parser(workbook(merged), format={"type": "xlsx", "title_rows": 1, "merged": "first"})
    assert [row[0] for row in outcome.rows] == ["A1", None, None, "A2", "A3"]


def test_two_header_rows_make_one_name_a_column(parser: Any) -> None:
    outcome = parser(workbook(merged), format={"type": "xlsx", "header_rows": 2})
    assert outcome.parsed.columns == ("站点", "颗粒物.PM2.5", "颗粒物.PM10")
    assert (outcome.rows[0], outcome.lines[0]) == (("A1", "2", "12"), 3)


def test_an_empty_sheet_beside_the_data_is_not_reported(parser: Any) -> None:
    assert codes(parser(workbook_of({"数据": MONTHS["1月"], "Sheet2": lambda *_: None}), format="xlsx")) == []
