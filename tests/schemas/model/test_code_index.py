from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.model.code_index import CodeEntry, code_entries, edition_at, suggest_codes
from citylake.schemas.model.code_list import CodeList

LIST = CodeList.model_validate(
    {
        "id": "air.class",
        "name": {"zh": "级别", "en": "class"},
        "editions": [
            {"edition": "old", "valid_to": "2026-03-01"},
            {"edition": "new", "valid_from": "2026-03-01"},
        ],
        "values": [
            {"code": "1", "name": {"zh": "优", "en": "excellent"}, "edition": "old", "aliases": ["一级"]},
            {"code": "1", "name": {"zh": "优秀", "en": "excellent"}, "edition": "new"},
            {"code": "9", "name": {"zh": "旧", "en": "gone"}, "valid_to": "2010-01-01", "successors": ["1"]},
            {"code": "优", "name": {"zh": "别", "en": "other"}, "edition": "old"},
        ],
    }
)


def meaning(text: str, day: date) -> set[str]:
    return {entry.code for entry in code_entries(LIST) if entry.text == text and entry.valid_on(day)}


@pytest.mark.parametrize(
    ("text", "day", "codes"),
    [
        ("1", date(2025, 1, 1), {"1"}),
        ("一级", date(2026, 2, 28), {"1"}),
        ("一级", date(2026, 3, 1), set()),
        ("优秀", date(2026, 3, 1), {"1"}),
        ("excellent", date(2026, 3, 1), {"1"}),
        ("gone", date(2009, 12, 31), {"9"}),
        ("gone", date(2010, 1, 1), set()),
    ],
)
def test_a_text_means_a_code_on_the_days_of_its_value_or_edition(text: str, day: date, codes: set[str]) -> None:
    assert meaning(text, day) == codes


def test_a_code_goes_before_a_name_that_is_written_alike() -> None:
    assert meaning("优", date(2020, 1, 1)) == {"优"}


def test_an_abolished_code_names_its_successor() -> None:
    assert {entry.successors for entry in code_entries(LIST) if entry.code == "9"} == {("1",)}


@given(st.dates())
def test_one_edition_holds_on_every_day(day: date) -> None:
    edition = edition_at(LIST, day)
    assert edition is not None
    assert edition.edition == ("old" if day < date(2026, 3, 1) else "new")


def test_the_nearest_codes_are_found_by_any_of_their_texts() -> None:
    assert suggest_codes("优秀级", code_entries(LIST))[0] == "1"
    assert suggest_codes("☂", code_entries(LIST)) == []


def test_a_list_backed_by_a_table_has_no_entries_here() -> None:
    table = {"dataset": "a.b", "code": "c", "name": "n"}
    assert code_entries(CodeList.model_validate({"id": "x", "name": {"zh": "x", "en": "x"}, "table": table})) == []


@given(st.dates(), st.dates(), st.dates())
def test_validity_begins_on_the_first_day_and_ends_before_the_last(start: date, end: date, day: date) -> None:
    assert CodeEntry("t", "c", start, end).valid_on(day) == (start <= day < end)
