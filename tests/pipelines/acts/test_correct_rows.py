"""Corrections: exactly what a steward filled in is recorded, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.pipelines.acts.correct_rows import CorrectedRows, correct_rows
from citylake.pipelines.acts.export_rows import export_rows
from citylake.pipelines.read.masked_fields import MASK
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.acts.people import DATASET, Bureau
from tests.pipelines.acts.workbooks import fill

RIGHT = {("2", "区域"): "990106 经济开发区", ("3", "区域"): "开发区", ("3", "等候"): "42.5", ("5", "身份证"): "1111"}


def _filled(bureau: Bureau, right: dict[tuple[str, str], str], name: str = "back") -> Path:
    (done,) = export_rows(bureau.work(), bureau.everything(), bureau.root / "out")

    def entry(line: dict[str, Any]) -> dict[str, str]:
        text = right.get((line["编号"], line["field"]))
        return {"correct_value": text, "why": "checked"} if text else {}

    return fill(done.files[0], bureau.root / f"{name}.xlsx", DATASET, entry)


def _correct(bureau: Bureau, file: Path, user: str = "li", **options: Any) -> CorrectedRows:
    (done,) = correct_rows(bureau.work(user), file, **options)
    return done


def _codes(done: CorrectedRows) -> list[str]:
    return done.refused["code"].to_list()


def test_filled_cells_are_recorded_with_what_the_source_sent_and_others_are_not(bureau: Bureau) -> None:
    done = _correct(bureau, _filled(bureau, RIGHT))
    assert _codes(done) == []
    assert sorted((row["_row"], row["field"], row["old"], row["new"]) for row in bureau.corrections()) == [
        (3, "区域", "待核实", "990106"),
        (4, "区域", "待核实", "开发区"),
        (4, "等候", "many", "42.5"),
        (6, "身份证", "99887", "1111"),
    ]
    assert {(row["user"], row["why"]) for row in bureau.corrections()} == {("li", "checked")}
    assert bureau.states() == {"2": "corrected", "3": "corrected", "4": "exported", "5": "corrected"}


def test_the_same_file_again_changes_nothing(bureau: Bureau) -> None:
    file = _filled(bureau, RIGHT)
    first = _correct(bureau, file)
    again = _correct(bureau, file, user="wang")
    assert first.act
    assert again.act is None
    assert (again.corrections.height, again.already, again.refused.height) == (0, 4, 0)
    assert len(bureau.corrections()) == 4
    assert bureau.acts().filter(pl.col("act") == "correct_rows").height == 1


def test_a_dry_run_records_nothing(bureau: Bureau) -> None:
    done = _correct(bureau, _filled(bureau, RIGHT), dry_run=True)
    assert (done.act, done.rows, done.corrections.height) == (None, 3, 4)
    assert bureau.corrections() == []


def test_a_correction_of_a_value_that_was_corrected_meanwhile_is_refused_with_what_stands_there(bureau: Bureau) -> None:
    mine, theirs = {("3", "等候"): "42.5"}, {("3", "等候"): "43", ("5", "身份证"): "2222"}
    late = _filled(bureau, {("3", "等候"): "44", ("5", "身份证"): "3333"}, "late")
    _correct(bureau, _filled(bureau, mine))
    _correct(bureau, _filled(bureau, theirs, "theirs"), user="wang")
    done = _correct(bureau, late)
    assert _codes(done) == ["CORRECTION_VALUE_OTHER", "CORRECTION_VALUE_OTHER"]
    assert done.refused["now"].to_list() == ["43", MASK]
    # The newest correction is of what the source sent, not of the one before.
    assert [row["old"] for row in bureau.corrections()] == ["many", "many", "99887"]


def test_each_line_that_cannot_be_recorded_says_why_and_where_and_the_others_go_on(bureau: Bureau) -> None:
    ids = bureau.ids()
    good = ids["1"] if "1" in ids else ids["2"].replace("/3", "/2")
    lines = [
        (ids["2"], "区域", "待核实", "东区"),
        (ids["3"], "等候", "many", "7000"),
        (ids["3"], "等候分钟", "many", "7"),
        (ids["2"].replace("/3", "/999"), "区域", "待核实", "990101"),
        (good, "区域", "东城", "990101"),
        (ids["5"], "身份证", MASK, f"{MASK} 1"),
        (ids["5"], "等候", "7000", "7000"),
        (ids["4"], "区域", "经开区", "990106"),
        (ids["4"], "区域", "经开区", "990101"),
        (ids["2"], "区域", "核实", "990101"),
        (ids["3"], "区域", "待核实", "990101"),
    ]
    names = ("row_id", "field", "value_now", "correct_value")
    document = {"corrections": [{"dataset": DATASET, **dict(zip(names, line, strict=True))} for line in lines]}
    file = bureau.root / "mixed.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    done = _correct(bureau, file)
    assert dict(zip(done.refused["line"], _codes(done), strict=True)) == {
        2: "CORRECTION_TWICE",
        7: "CORRECTION_STILL_REFUSED",
        12: "CORRECTION_FIELD_MISSING",
        17: "CORRECTION_ROW_UNKNOWN",
        22: "CORRECTION_ROW_UNKNOWN",
        27: "CORRECTION_MASKED",
        32: "CORRECTION_UNCHANGED",
        37: "CORRECTION_TWICE",
        42: "CORRECTION_TWICE",
        47: "CORRECTION_TWICE",
    }
    assert [row["new"] for row in bureau.corrections()] == ["990101"]


def test_a_value_that_is_no_value_is_recorded_as_none(bureau: Bureau) -> None:
    _correct(bureau, _filled(bureau, {("3", "等候"): "<空>"}))
    assert [(row["old"], row["new"]) for row in bureau.corrections()] == [("many", None)]


def test_a_row_that_is_discarded_waits_for_no_correction(bureau: Bureau) -> None:
    from citylake.pipelines.acts.chosen_rows import ChosenRows
    from citylake.pipelines.acts.decide_rows import discard_rows

    file = _filled(bureau, RIGHT)
    discard_rows(bureau.work(), ChosenRows((bureau.ids()["2"],)), "a test entry")
    done = _correct(bureau, file)
    assert [(row["code"], row["state"]) for row in done.refused.to_dicts()] == [("CORRECTION_ROW_CLOSED", "discarded")]
    assert done.corrections.height == 3


def test_without_the_right_nothing_is_recorded(bureau: Bureau) -> None:
    file = _filled(bureau, RIGHT)
    roles = "roles:\n- {users: [wang], may: [correct], departments: ['*']}\n"
    (bureau.root / "city/roles.yaml").write_text(roles, encoding="utf-8")
    with pytest.raises(CitylakeError) as refused:
        _correct(bureau, file)
    assert refused.value.code == "ACT_NOT_ALLOWED"
    assert bureau.corrections() == []
    assert _correct(bureau, file, user="wang").corrections.height == 4


@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_the_other_formats_are_taken_back_as_well(bureau: Bureau, form: Any) -> None:
    (done,) = export_rows(bureau.work(), bureau.everything(), bureau.root / "out", form)
    file = done.files[0]
    text = file.read_text("utf-8-sig")
    if form == "yaml":
        entries = yaml.safe_load(text)
        for entry in entries["corrections"]:
            entry["correct_value"] = "990101" if entry["field"] == "区域" else None
        file.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    else:
        frame = pl.read_csv(file, infer_schema=False)
        frame = frame.with_columns(correct_value=pl.when(pl.col("field") == "区域").then(pl.lit("990101")))
        # As a Chinese Excel saves it.
        file.write_bytes(frame.write_csv().encode("gb18030"))
    done_again = _correct(bureau, file)
    assert _codes(done_again) == [], done_again.refused.to_dicts()
    assert [(row["_row"], row["new"]) for row in bureau.corrections()] == [(3, "990101"), (4, "990101"), (5, "990101")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"no workbook"), ("x.csv", b"a,b\n1,2\n"), ("x.yaml", b"a: [1"), ("x.yaml", b"a: 1"), ("x.txt", b"")],
)
def test_a_file_that_holds_no_corrections_is_an_error_that_names_the_columns(
    bureau: Bureau, name: str, content: bytes
) -> None:
    (bureau.root / name).write_bytes(content)
    with pytest.raises(CitylakeError) as refused:
        correct_rows(bureau.work(), bureau.root / name)
    assert refused.value.code == "CORRECTIONS_UNREADABLE"
    assert "row_id" in str(refused.value)
