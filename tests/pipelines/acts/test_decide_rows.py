"""Release, discard and reopen: only where the row's state and the person's rights allow it."""

from __future__ import annotations

import pytest

from citylake.pipelines.acts.chosen_rows import ChosenRows
from citylake.pipelines.acts.decide_rows import DecidedRows, discard_rows, release_rows, reopen_rows
from citylake.pipelines.read.quarantine_query import QuarantineFilter
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.acts.people import DATASET, Bureau

WAIVABLE = (("7", "东城", "99887", "5", "x"), ("8", "东城", "1234", "7000", "x"))


def _rows(bureau: Bureau, *numbers: str) -> ChosenRows:
    ids = bureau.ids()
    return ChosenRows(tuple(ids[number] for number in numbers))


def _one(found: list[DecidedRows]) -> DecidedRows:
    (done,) = found
    return done


def test_rows_with_values_that_break_a_rule_are_released_and_others_are_refused_with_the_reason(bureau: Bureau) -> None:
    bureau.deliver(WAIVABLE, "more")
    done = _one(release_rows(bureau.work(), _rows(bureau, "2", "7", "8"), "seen on paper"))
    assert (done.rows, done.already) == (2, 0)
    assert done.refused.select("row_id", "code", "codes").rows() == [
        (bureau.ids()["2"], "ROW_NOT_RELEASABLE", "CODE_UNKNOWN")
    ]
    assert {number: state for number, state in bureau.states().items() if number in "278"} == {
        "2": "open",
        "7": "released",
        "8": "released",
    }
    assert bureau.acts().select("act", "user", "why", "rows", "via").rows() == [
        ("release_rows", "li", "seen on paper", 2, "cli")
    ]


def test_the_same_act_again_changes_nothing_and_says_so(bureau: Bureau) -> None:
    chosen = _rows(bureau, "2", "3")
    first = _one(discard_rows(bureau.work(), chosen, "test entries"))
    again = _one(discard_rows(bureau.work("wang"), chosen, "test entries"))
    assert (first.rows, again.rows, again.already, again.act) == (2, 0, 2, None)
    assert bureau.acts().height == 1


def test_an_act_after_it_was_undone_is_an_act_of_its_own(bureau: Bureau) -> None:
    chosen = _rows(bureau, "2")
    acts = [
        _one(act(bureau.work(), chosen, "why")).act for act in (discard_rows, reopen_rows, discard_rows, reopen_rows)
    ]
    assert len(set(acts)) == 4
    assert bureau.states()["2"] == "open"


def test_a_row_whose_state_does_not_allow_the_act_is_refused_with_its_state(bureau: Bureau) -> None:
    discard_rows(bureau.work(), _rows(bureau, "2"), "a test entry")
    done = _one(release_rows(bureau.work(), _rows(bureau, "2"), "why"))
    assert [(row["code"], row["state"]) for row in done.refused.to_dicts()] == [("ROW_STATE_OTHER", "discarded")]
    open_row = _one(reopen_rows(bureau.work(), _rows(bureau, "3"), "why"))
    assert open_row.refused["state"].to_list() == ["open"]


def test_rows_are_chosen_by_reason_and_value(bureau: Bureau) -> None:
    where = QuarantineFilter(datasets=(DATASET,), code="CODE_UNKNOWN", value="待核实")
    done = _one(discard_rows(bureau.work(), ChosenRows(where=where), "never checked"))
    assert done.rows == 2
    assert bureau.states() == {"2": "discarded", "3": "discarded", "4": "open", "5": "open"}
    again = _one(discard_rows(bureau.work(), ChosenRows(where=where), "never checked"))
    assert (again.rows, again.already) == (0, 2)


def test_a_dry_run_records_nothing(bureau: Bureau) -> None:
    done = _one(discard_rows(bureau.work(), _rows(bureau, "2"), "why", dry_run=True))
    assert (done.rows, done.act) == (1, None)
    assert bureau.acts().is_empty()
    assert bureau.states()["2"] == "open"


@pytest.mark.parametrize(
    ("chosen", "why", "code"),
    [
        (ChosenRows(("20260101T000000000000Z-00000000/1",)), "why", "ROW_ID_UNKNOWN"),
        (ChosenRows(("nonsense",)), "why", "ROW_ID_UNREADABLE"),
        (ChosenRows(), "why", "ROWS_NOT_CHOSEN"),
        (ChosenRows(where=QuarantineFilter(datasets=("civil.visit",))), "why", "DATASET_UNKNOWN"),
        (ChosenRows(where=QuarantineFilter(datasets=(DATASET,))), " ", "WHY_MISSING"),
    ],
)
def test_an_act_without_rows_or_without_a_reason_is_an_error(
    bureau: Bureau, chosen: ChosenRows, why: str, code: str
) -> None:
    with pytest.raises(CitylakeError) as refused:
        discard_rows(bureau.work(), chosen, why)
    assert refused.value.code == code
    assert bureau.acts().is_empty()


@pytest.mark.parametrize("act", [release_rows, discard_rows, reopen_rows])
def test_nobody_acts_without_the_right(bureau: Bureau, act: object) -> None:
    roles = "roles:\n- {users: [wang], may: [export], departments: ['*']}\n"
    (bureau.root / "city/roles.yaml").write_text(roles, encoding="utf-8")
    with pytest.raises(CitylakeError) as refused:
        act(bureau.work(), _rows(bureau, "2"), "why")  # type: ignore[operator]
    assert refused.value.code == "ACT_NOT_ALLOWED"
    assert bureau.acts().is_empty()
