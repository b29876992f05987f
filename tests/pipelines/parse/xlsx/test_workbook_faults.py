"""What a workbook stores otherwise than it shows is read right or reported, never a wrong value or nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipelines.parse.xlsx.workbooks import Fill, edit_sheet, workbook, workbook_of
from tests.thorough import examples


def notices(outcome: Any) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in outcome.parsed.report["notices"]}


def column(*cells: Any, style: str | None = None) -> Fill:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write(0, 0, "a")
        for row, cell in enumerate(cells, 1):
            if style and not isinstance(cell, str):
                sheet.write_number(row, 0, cell, styles[style])
            else:
                sheet.write(row, 0, cell)

    return fill


def texts(outcome: Any) -> list[str | None]:
    return [row[0] for row in outcome.rows]


def test_moments_at_midnight_keep_their_time_if_the_cells_show_one(parser: Any) -> None:
    assert texts(parser(workbook(column(45352, 45353, style="t")), format="xlsx")) == [
        "2024-03-01 00:00:00",
        "2024-03-02 00:00:00",
    ]
    assert texts(parser(workbook(column(45352, 45353, style="d")), format="xlsx")) == ["2024-03-01", "2024-03-02"]


def test_dates_are_right_in_the_date_system_of_1904(parser: Any) -> None:
    days = [dt.date(2024, 3, 1), dt.date(1904, 1, 2)]

    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        for row, day in enumerate(days, 1):
            sheet.write(row, 0, day, styles["d"])
            sheet.write(row, 1, dt.time(8, 30), styles["c"])

    body = workbook(fill, date_1904=True)
    assert parser(body, format="xlsx").rows == [("2024-03-01", "08:30:00"), ("1904-01-02", "08:30:00")]


def test_numbers_among_dates_are_read_as_serial_dates_and_reported(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write(0, 0, "a")
        sheet.write(1, 0, 45352, styles["t"])
        sheet.write(2, 0, 45352 + 2 / 24)
        sheet.write(3, 0, "2024/3/1 3:00")

    outcome = parser(workbook(fill), format="xlsx")
    assert texts(outcome) == ["2024-03-01 00:00:00", "2024-03-01 02:00:00", "2024/3/1 3:00"]
    assert notices(outcome)["DATE_SERIALS"]["cell"] == "A3"


def test_a_number_beyond_every_date_among_dates_stays_a_number(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [45352, 45352], styles["d"])
        sheet.write_row(2, 0, [91320000000000, 2958466])

    assert parser(workbook(fill), format="xlsx").rows == [("2024-03-01",) * 2, ("91320000000000", "2958466")]


def test_numbers_with_one_date_among_them_stay_numbers(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write(0, 0, "a")
        sheet.write(1, 0, 45352, styles["d"])
        sheet.write_column(2, 0, [45352, 45353, 45354])

    outcome = parser(workbook(fill), format="xlsx")
    assert texts(outcome) == ["2024-03-01", "45352", "45353", "45354"]
    assert notices(outcome) == {}


def test_dates_in_the_header_make_no_dates_of_the_numbers_below(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, [45352, 45353], styles["d"])
        sheet.write_row(1, 0, [45000, 45001])

    outcome = parser(workbook(fill), format="xlsx")
    assert (outcome.parsed.columns, outcome.rows) == (("2024-03-01", "2024-03-02"), [("45000", "45001")])


def test_formulas_without_a_value_are_their_text_and_reported(parser: Any) -> None:
    body = workbook(column(1.0, 4711.0))
    empty = edit_sheet(body, b'<c r="A3"><v>4711</v></c>', b'<c r="A3"><f>10+A2&amp;&quot;x&quot;</f><v/></c>')
    outcome = parser(empty, format="xlsx")
    assert texts(outcome) == ["1", '=10+A2&"x"']
    assert notices(outcome)["FORMULAS_WITHOUT_VALUE"]["cell"] == "A3"


def test_a_formula_whose_value_is_an_empty_text_has_no_value(parser: Any) -> None:
    body = workbook(column(1.0, 4711.0, 2.0))
    empty = edit_sheet(body, b'<c r="A3"><v>4711</v></c>', b'<c r="A3" t="str"><f>""</f><v></v></c>')
    outcome = parser(empty, format="xlsx")
    assert notices(outcome) == {}
    assert texts(outcome)[-1] == "2"


def test_error_cells_are_reported_with_the_first_of_them(parser: Any) -> None:
    body = edit_sheet(workbook(column(1.0, 4711.0)), b'<c r="A3"><v>4711</v>', b'<c r="A3" t="e"><v>#DIV/0!</v>')
    outcome = parser(body, format="xlsx")
    assert texts(outcome) == ["1", "#DIV/0!"]
    assert notices(outcome)["CELL_ERRORS"]["cell"] == "A3"


def test_identifiers_that_were_stored_as_numbers_show_that_digits_may_be_lost(parser: Any) -> None:
    outcome = parser(workbook(column(110101199003078123, "110101199003078123")), format="xlsx")
    assert texts(outcome) == ["1.101011990030781E+17", "110101199003078123"]
    assert notices(outcome)["NUMBERS_IMPRECISE"]["cell"] == "A2"


@settings(max_examples=examples(10, 30), deadline=None)
@given(st.lists(st.floats(min_value=-1e14, max_value=1e14), min_size=1, max_size=20))
def test_a_number_keeps_the_fifteen_digits_that_a_workbook_keeps(parser: Any, numbers: list[float]) -> None:
    read = texts(parser(workbook(column(*numbers, 1.0)), format="xlsx"))[:-1]
    for value, text in zip(numbers, read, strict=True):
        stored = float(f"{value:.16G}")
        assert float(text or "nan") in (stored, float(f"{stored:.15g}"))


def test_prefixes_and_the_order_of_attributes_do_not_matter(parser: Any) -> None:
    body = workbook(column(45352, style="t"))
    swapped = edit_sheet(body, b'<c r="A2" s="1"><v>45352</v></c>', b'<c s="1" r="A2"><v>45352</v></c>')
    assert texts(parser(swapped, format="xlsx")) == ["2024-03-01 00:00:00"]


def test_dates_that_are_stored_as_iso_texts_look_like_the_others(parser: Any) -> None:
    body = workbook(column(45352, 45353, style="t"))
    mixed = edit_sheet(body, b'<c r="A3" s="1"><v>45353</v>', b'<c r="A3" s="1" t="d"><v>2024-03-02T00:00:00</v>')
    assert texts(parser(mixed, format="xlsx")) == ["2024-03-01 00:00:00", "2024-03-02 00:00:00"]


def test_a_cell_far_from_the_others_is_refused_before_the_places_between_are_made(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        column(1.0, 2.0)(sheet, styles)
        sheet.write(200_000, 700, "x")

    problem = parser(workbook(fill), format="xlsx").parsed.problem
    assert (problem.code, problem.values["cell"]) == ("WORKBOOK_SPARSE", "ZY200001")


def test_a_far_cell_of_a_sheet_that_is_not_read_costs_nothing(parser: Any) -> None:
    def far(sheet: Any, _: dict[str, Any]) -> None:
        sheet.write(200_000, 700, "x")

    outcome = parser(workbook_of({"数据": column(1.0), "远": far}), format="xlsx")
    assert texts(outcome) == ["1"]
    assert notices(outcome)["SHEETS_UNREAD"]["sheets"] == "远"


def test_numbers_that_are_shown_otherwise_are_reported(parser: Any) -> None:
    def fill(sheet: Any, styles: dict[str, Any]) -> None:
        sheet.write_row(0, 0, ["code", "share", "n", "text"])
        sheet.write(1, 0, 1067, styles["z"])
        sheet.write(1, 1, 0.125, styles["p"])
        sheet.write(1, 2, 5)
        sheet.write(1, 3, "00777", styles["z"])

    outcome = parser(workbook(fill), format="xlsx")
    assert outcome.rows == [("1067", "0.125", "5", "00777")]
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["columns"]) == ("NUMBERS_FORMATTED", "A (00000), B (0.0%)")


@pytest.mark.parametrize(("word", "setting", "row"), [("skip_after_header", 1, 2), ("footer", "^Total", 5)])
def test_records_that_a_word_skips_are_reported(parser: Any, word: str, setting: Any, row: int) -> None:
    def fill(sheet: Any, _: dict[str, Any]) -> None:
        rows = [["station", "n"], ["A", 5], ["B", 7], ["Total", None], ["C", 1], ["D", 2], ["E", 3]]
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)

    outcome = parser(workbook(fill), format={"type": "xlsx", word: setting})
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["row"], notice["word"]) == ("SKIPPED_LIKE_DATA", row, word)
