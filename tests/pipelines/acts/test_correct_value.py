"""What a value means: recorded in the lake, or proposed as a change of the declarations."""

from __future__ import annotations

from datetime import date

import pytest

from citylake.pipelines.acts.correct_value import ValueMeaning, correct_value, withdraw_correction
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.acts.people import DATASET, Bureau


def test_a_field_with_a_code_list_gets_the_change_of_its_contract_and_nothing_is_recorded(bureau: Bureau) -> None:
    done = correct_value(bureau.work(), ValueMeaning(DATASET, "区域", "经开区", "经济开发区"))
    assert (done.outcome, done.rows) == ("proposed", 1)
    (change,) = done.changes
    assert change.text == "codes: {经开区: '990106'}"
    lines = (bureau.root / "city/datasets/civil/visits.yaml").read_text("utf-8").splitlines()
    assert change.file.endswith("visits.yaml")
    assert lines[change.line - 1].strip().startswith("区域:")
    assert bureau.corrections() == []


def test_the_proposed_change_makes_the_rows_good(bureau: Bureau) -> None:
    (change,) = correct_value(bureau.work(), ValueMeaning(DATASET, "区域", "经开区", "990106")).changes
    file = bureau.root / "city/datasets/civil/visits.yaml"
    changed = file.read_text("utf-8").replace("{element: civil.area}", f"{{element: civil.area, {change.text}}}")
    bureau.deliver([("9", "经开区", "1234", "5", "x")], "again", datasets__civil__visits=changed)
    assert "9" not in bureau.states()


def test_a_code_from_a_day_on_also_names_the_line_of_its_validity(bureau: Bureau) -> None:
    meaning = ValueMeaning(DATASET, "区域", "经开区", "990106", since=date(2020, 7, 1))
    contract, codes = correct_value(bureau.work(), meaning).changes
    assert contract.file.endswith("visits.yaml")
    assert codes.file.endswith("areas.yaml")
    lines = (bureau.root / "city/codes/areas.yaml").read_text("utf-8").splitlines()
    assert "990106" in lines[codes.line - 1]
    assert codes.text == "code: '990106', valid_from: 2020-07-01"


def test_the_meaning_of_another_value_is_recorded_once(bureau: Bureau) -> None:
    meaning = ValueMeaning(DATASET, "等候", "many", "60")
    first = correct_value(bureau.work(), meaning, "agreed by phone")
    again = correct_value(bureau.work("wang"), meaning)
    assert (first.outcome, first.rows, again.outcome, again.act) == ("recorded", 1, "already", None)
    (row,) = bureau.corrections()
    assert row == {
        "scope": "value", "_row": None, "field": "等候", "old": "many", "new": "60", "active": True,
        "user": "li", "why": "agreed by phone",
    }  # fmt: skip
    withdraw_correction(bureau.work(), meaning, "wrong after all")
    assert [row["active"] for row in bureau.corrections()] == [True, False]
    assert correct_value(bureau.work(), meaning).outcome == "recorded"


@pytest.mark.parametrize(("value", "rows"), [("many", 1), ("nobody wrote this", 0)])
def test_the_act_has_the_number_of_rows_that_the_person_saw(bureau: Bureau, value: str, rows: int) -> None:
    done = correct_value(bureau.work(), ValueMeaning(DATASET, "等候", value, "60"), "agreed by phone")
    acts = bureau.work().ledger.read("acts")
    assert acts.select("act_id", "act", "rows").rows() == [(done.act, "correct_value", rows)]
    assert done.rows == rows


def test_a_pattern_is_recorded_also_for_a_field_with_codes(bureau: Bureau) -> None:
    done = correct_value(bureau.work(), ValueMeaning(DATASET, "区域", "经开.*", "990106", "pattern"))
    assert (done.outcome, done.rows) == ("recorded", 1)


@pytest.mark.parametrize(
    ("meaning", "code"),
    [
        (ValueMeaning(DATASET, "区", "many", "60"), "VALUE_FIELD_UNKNOWN"),
        (ValueMeaning(DATASET, "区域", "经开区", "990199"), "MEANING_UNKNOWN"),
        (ValueMeaning(DATASET, "等候", "many", "lots"), "MEANING_REFUSED"),
        (ValueMeaning(DATASET, "等候", "many", "6000"), "MEANING_REFUSED"),
        (ValueMeaning(DATASET, "等候", "many", "60", since=date(2020, 7, 1)), "MEANING_DATED"),
        (ValueMeaning(DATASET, "等候", "(many", "60", "pattern"), "PATTERN_UNUSABLE"),
        (ValueMeaning("civil.visit", "等候", "many", "60"), "DATASET_UNKNOWN"),
    ],
)
def test_a_meaning_that_cannot_hold_is_refused(bureau: Bureau, meaning: ValueMeaning, code: str) -> None:
    with pytest.raises(CitylakeError) as refused:
        correct_value(bureau.work(), meaning)
    assert refused.value.code == code
    assert bureau.corrections() == []


def test_what_is_not_in_force_cannot_be_withdrawn(bureau: Bureau) -> None:
    with pytest.raises(CitylakeError) as refused:
        withdraw_correction(bureau.work(), ValueMeaning(DATASET, "等候", "many", None), "why")
    assert refused.value.code == "CORRECTION_NOT_IN_FORCE"
