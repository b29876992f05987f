"""From the workbook back into the standard table: what was filled in, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.acts.chosen_rows import ChosenRows
from citylake.pipelines.acts.correct_rows import correct_rows
from citylake.pipelines.acts.decide_rows import discard_rows, release_rows, reopen_rows
from citylake.pipelines.acts.export_rows import export_rows
from tests.pipelines.acts.people import DATASET, FILES, Bureau
from tests.pipelines.acts.workbooks import fill, sheet_names
from tests.thorough import examples

# What spreadsheets treat in a way of their own: formulas, entities, quotes, escapes, spaces, long digits.
_HARD = st.sampled_from(
    ["=1+1", "@x", "-a", "+", "'", "'=x", "a;=b", " x ", "&amp;", "<b>", '"', "_x0041_", "x\ny", "00012x", "1e5x", "😀"]
)
_TEXTS = st.one_of(
    _HARD, st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
)
_NUMBER = st.integers(0, 600).map(str)


def _is_number(text: str) -> bool:
    import unicodedata

    return any(unicodedata.category(sign) in ("Nd", "Nl", "No") for sign in text)


@given(
    rows=st.lists(
        st.tuples(
            _TEXTS.filter(lambda text: not _is_number(text) and text.strip() not in ("", "-", "—")), st.none() | _NUMBER
        ),
        min_size=1,
        max_size=9,
    )
)
@settings(
    max_examples=examples(4, 8),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_exactly_the_filled_cells_become_corrections(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    bureau = Bureau(tmp_path_factory.mktemp("trip"))
    elements = FILES["elements/civil.yaml"].replace("grade: L3, openness: none, personal: sensitive", "grade: L1")
    sent = {f"v{number}": text for number, (text, _) in enumerate(rows)}
    right = {f"v{number}": value for number, (_, value) in enumerate(rows) if value is not None}
    bureau.deliver([(key, "东城", "1234", text, text) for key, text in sent.items()], elements__civil=elements)
    refused = bureau.states()
    exports = export_rows(bureau.work(), bureau.everything(), bureau.root / "out")
    if not refused:
        assert exports == []
        return
    (file,) = exports[0].files

    def entry(line: dict[str, Any]) -> dict[str, str]:
        return {"correct_value": right[line["编号"]]} if line["编号"] in right else {}

    (done,) = correct_rows(bureau.work(), fill(file, bureau.root / "back.xlsx", DATASET, entry)) or [None]  # type: ignore[list-item]
    expected = {key: value for key, value in right.items() if key in refused}
    if done is None:
        assert expected == {}
        return
    assert done.refused.to_dicts() == []
    recorded = {(row["old"], row["new"]) for row in bureau.corrections()}
    assert recorded == {(sent[key], value) for key, value in expected.items()}
    assert len(bureau.corrections()) == len(expected)


def test_corrected_released_and_discarded_rows_are_where_they_belong_after_the_replay(bureau: Bureau) -> None:
    bureau.deliver([("7", "东城", "1234", "7000", "x"), ("8", "东城", "1234", "8000", "x")], "more")
    right = {("2", "区域"): "990106 经济开发区", ("3", "区域"): "990101", ("3", "等候"): "42.5"}
    right |= {("5", "身份证"): "1111", ("5", "等候"): "70"}
    (done,) = export_rows(bureau.work(), bureau.everything(), bureau.root / "out")

    def entry(line: dict[str, Any]) -> dict[str, str]:
        text = right.get((line["编号"], line["field"]))
        return {"correct_value": text} if text else {}

    correct_rows(bureau.work(), fill(done.files[0], bureau.root / "back.xlsx", DATASET, entry))
    ids = bureau.ids()
    release_rows(bureau.work(), ChosenRows((ids["7"],)), "seen on paper")
    discard_rows(bureau.work(), ChosenRows((ids["8"],)), "a test entry")
    bureau.replay()
    good = [("1", "990101", "1234", 5.0), ("2", "990106", "1234", 5.0), ("3", "990101", "5678", 42.5)]
    good += [("5", "990101", "1111", 70.0), ("7", "990101", "1234", 7000.0)]
    assert bureau.standard() == good
    states = bureau.states()
    assert {key: states[key] for key in "234578"} == {
        "2": "returned", "3": "returned", "4": "exported", "5": "returned", "7": "released", "8": "discarded",
    }  # fmt: skip
    bureau.replay()
    assert bureau.standard() == good, "a second replay changes nothing"


def test_a_reopened_row_is_judged_as_it_was_sent(bureau: Bureau, tmp_path: Path) -> None:
    (done,) = export_rows(bureau.work(), bureau.everything(), bureau.root / "out")
    assert DATASET in sheet_names(done.files[0])
    file = fill(
        done.files[0],
        tmp_path / "b.xlsx",
        DATASET,
        lambda line: {"correct_value": "990101"} if line["编号"] == "4" else {},
    )
    correct_rows(bureau.work(), file)
    (undone,) = reopen_rows(bureau.work(), ChosenRows((bureau.ids()["4"],)), "wrong row")
    assert undone.withdrawn == 1
    bureau.replay()
    assert bureau.states()["4"] == "open"
    assert [row["active"] for row in bureau.corrections()] == [True, False]
