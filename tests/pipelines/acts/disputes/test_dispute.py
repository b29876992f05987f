"""A doubted value goes to the departments whose rows it was made from, and comes back right."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.acts.chosen_rows import ChosenRows
from citylake.pipelines.acts.correct_rows import correct_rows
from citylake.pipelines.acts.disputes.answer_dispute import answer_dispute
from citylake.pipelines.acts.disputes.open_dispute import OpenedDispute, open_dispute
from citylake.pipelines.acts.disputes.recorded_disputes import last_disputes
from citylake.pipelines.acts.export_rows import export_rows
from citylake.pipelines.cli import main
from citylake.pipelines.history.trace import trace_row
from citylake.pipelines.read.quarantine_query import QuarantineFilter
from citylake.schemas.words.errors import CitylakeError
from tests.kept_folder import KeptFolder
from tests.pipelines.acts.people import DATASET, DEPARTMENT, Bureau
from tests.pipelines.acts.workbooks import fill, read_lines

MART = """
mart: waits
title: {zh: 等候, en: waits}
audience: {zh: 研究, en: research}
highest: {grade: L2, openness: none, personal: none}
tables:
  area:
    title: {zh: 各区, en: areas}
    grain: [area_code]
    columns:
      area_code: {element: civil.area}
      longest_min: {element: civil.minutes}
      visits: {text: {zh: 来访数, en: visits}}
"""
SQL = "SELECT area_code, max(waiting_min) AS longest_min, count(*) AS visits FROM civil.visits GROUP BY area_code"
ROWS = (
    ("1", "东城", "1234", "5", "ok"),
    ("2", "东城", "1234", "555", "a slip of the pen"),
    ("3", "开发区", "5678", "7", "ok"),
    ("4", "东城", "5678", "many", "refused"),
)
ALL = ChosenRows(where=QuarantineFilter(department=DEPARTMENT))


@pytest.fixture
def bureau(kept: KeptFolder) -> Bureau:
    """Four visits, one of them refused, and a mart of them."""

    def make() -> None:
        files = {"marts/waits/mart.yaml": MART, "marts/waits/area.sql": SQL}
        for name, text in files.items():
            path = kept.root / "city" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip("\n"), encoding="utf-8")
        Bureau(kept.root).deliver(ROWS)

    kept.restore(make)
    return Bureau(kept.root)


def _dispute(bureau: Bureau, why: str = "nobody waits that long", **more: Any) -> OpenedDispute:
    work = bureau.work("reader")
    traced = trace_row(work.lake, work.registry, "waits", "area", {"area_code": "990101"}, "longest_min")
    return open_dispute(work, traced, why, **more)


def _longest(bureau: Bureau) -> dict[str, float]:
    folder = Path(bureau.lake.mart("waits"))
    file = folder / json.loads((folder / "current.json").read_text())["file"]
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute("SELECT area_code, longest_min FROM area").fetchall()
    return {code: float(longest) for code, longest in found}


def test_each_department_is_asked_about_its_rows(bureau: Bureau) -> None:
    done = _dispute(bureau, due_on=date(2026, 4, 1))
    (question,) = done.questions
    assert (question.department, question.dataset, question.due_on) == (DEPARTMENT, DATASET, date(2026, 4, 1))
    assert json.loads(question.value) in (555, "555.0", "555")
    recorded = last_disputes(bureau.work().ledger)
    assert recorded.select("dispute_id", "state", "user").rows() == [(done.dispute_id, "open", "reader")]


def test_the_same_question_is_recorded_once(bureau: Bureau) -> None:
    first, again = _dispute(bureau), _dispute(bureau)
    assert (first.already, again.already) == (False, True)
    assert first.dispute_id == again.dispute_id
    assert last_disputes(bureau.work().ledger).height == 1
    assert _dispute(bureau, "another doubt").dispute_id != first.dispute_id


def test_without_a_due_date_there_are_as_many_working_days_as_for_refused_rows(bureau: Bureau) -> None:
    (question,) = _dispute(bureau).questions
    assert question.due_on > date.today()


def test_the_export_of_the_department_has_the_question_beside_the_refused_rows(bureau: Bureau) -> None:
    done = _dispute(bureau)
    (exported,) = export_rows(bureau.work(), ALL, bureau.root / "out")
    lines = read_lines(exported.files[0], DATASET)
    asked = [line for line in lines if "ROW_QUESTIONED" in (line["reason_en"] or "")]
    assert "2" in {line["编号"] for line in asked}
    assert {line["编号"] for line in asked} <= {"1", "2"}
    assert all(done.dispute_id in (line["reason_en"] or "") for line in asked)
    assert all("nobody waits that long" in (line["reason_zh"] or "") for line in asked)
    assert {line["编号"] for line in lines if line not in asked} == {"4"}
    assert bureau.states() == {"4": "exported"}, "a row that is only questioned is not in the quarantine"


def test_a_correction_from_the_export_makes_the_value_right(bureau: Bureau) -> None:
    done = _dispute(bureau)
    (exported,) = export_rows(bureau.work(), ALL, bureau.root / "out")

    def entry(line: dict[str, Any]) -> dict[str, str]:
        return {"field": "等候", "correct_value": "55"} if line["编号"] == "2" else {}

    (corrected,) = correct_rows(bureau.work(), fill(exported.files[0], bureau.root / "back.xlsx", DATASET, entry))
    assert corrected.refused.to_dicts() == []
    assert [row["new"] for row in bureau.corrections()] == ["55"]
    answer_dispute(bureau.work(), done.dispute_id, "wrong", "a slip of the pen")
    bureau.replay()
    assert ("2", "990101", "1234", 55.0) in bureau.standard()
    bureau.deliver(ROWS)
    assert _longest(bureau)["990101"] == 55.0


def test_a_row_that_was_not_questioned_cannot_be_corrected(bureau: Bureau) -> None:
    path = bureau.root / "own.yaml"
    receipt = bureau.work().ledger.read("receipts")["id"][0]
    line = {"dataset": DATASET, "row_id": f"{receipt}/2", "field": "等候", "value_now": "555", "correct_value": "55"}
    path.write_text(json.dumps({"corrections": [line]}), encoding="utf-8")
    (before,) = correct_rows(bureau.work(), path)
    assert before.refused["code"].to_list() == ["CORRECTION_ROW_UNKNOWN"]


def test_an_answer_ends_the_question_and_the_same_question_may_be_asked_again(bureau: Bureau) -> None:
    done = _dispute(bureau)
    answer_dispute(bureau.work("li"), done.dispute_id, "right", "there was a strike")
    (row,) = last_disputes(bureau.work().ledger).to_dicts()
    assert (row["state"], row["answer"], row["answered_by"]) == ("right", "there was a strike", "li")
    (exported,) = export_rows(bureau.work(), ALL, bureau.root / "out")
    assert not any("ROW_QUESTIONED" in (line["reason_en"] or "") for line in read_lines(exported.files[0], DATASET))
    with pytest.raises(CitylakeError) as raised:
        answer_dispute(bureau.work("li"), done.dispute_id, "wrong", "again")
    assert raised.value.problem.code == "DISPUTE_CLOSED"
    assert not _dispute(bureau).already
    assert last_disputes(bureau.work().ledger)["state"].to_list() == ["open"]


def test_without_a_reason_nothing_is_asked(bureau: Bureau) -> None:
    with pytest.raises(CitylakeError) as raised:
        _dispute(bureau, "  ")
    assert raised.value.problem.code == "DISPUTE_WHY_MISSING"


def test_the_commands_ask_list_and_answer(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--workspace", str(bureau.root / "city"), "--lake", bureau.lake.url]
    value = ["waits", "area", "area_code=990101", "longest_min"]
    assert main([*options, "dispute", *value, "--why", "too long", "--user", "reader", "--json"]) == 0
    opened = json.loads(capsys.readouterr().out)
    assert [each["department"] for each in opened["questions"]] == [DEPARTMENT]
    assert main([*options, "disputes", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["disputes"]
    assert (listed["dispute_id"], listed["why"]) == (opened["dispute"], "too long")
    answer = ["disputes", "answer", opened["dispute"], "right", "--why", "a strike", "--user", "li"]
    assert main([*options, *answer]) == 0
    assert DEPARTMENT in capsys.readouterr().out
    assert main([*options, "disputes", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"disputes": []}
