"""Exports: what a steward gets, and what must never be in it."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from citylake.pipelines.acts.export_rows import export_rows
from citylake.pipelines.acts.steward_workbook import StewardWorkbook
from citylake.pipelines.lake.ledger import accesses_table
from citylake.pipelines.read.masked_fields import MASK
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.acts.people import DATASET, DEPARTMENT, Bureau
from tests.pipelines.acts.workbooks import drop_downs, formula_cells, read_lines, sheet_names, sheet_xml

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _export(bureau: Bureau, form: str = "xlsx") -> Path:
    (done,) = export_rows(bureau.work(), bureau.everything(), bureau.root / "out", form)  # type: ignore[arg-type]
    assert done.department == DEPARTMENT
    return done.files[0]


def test_every_export_is_on_record(bureau: Bureau) -> None:
    files = [_export(bureau).name, _export(bureau, "yaml").name]
    found = bureau.work().ledger.read(accesses_table.TABLE).select("access", "kind", "subject", "request", "rows")
    request = f"quarantine → {DEPARTMENT}: "
    assert found.rows() == [("export", "dataset", DATASET, request + file, 4) for file in files]


def test_a_workbook_has_one_line_for_each_row_and_field_at_fault(bureau: Bureau) -> None:
    lines = read_lines(_export(bureau), DATASET)
    assert [(line["row"], line["field"]) for line in lines] == [
        ("3", "区域"), ("4", "区域"), ("5", "区域"), ("6", "等候"), ("4", "等候"), ("6", "身份证"),
    ]  # fmt: skip
    first = lines[0]
    assert first["dataset"] == DATASET
    assert first["row_id"] == bureau.ids()["2"]
    assert first["value_now"] == first["区域"] == "待核实"
    assert "CODE_UNKNOWN" in (first["reason_zh"] or "")
    assert "CODE_UNKNOWN" in (first["reason_en"] or "")
    assert first["correct_value"] is None
    assert first["due"]


def test_no_text_of_a_source_is_a_formula_or_a_link(bureau: Bureau, tmp_path: Path) -> None:
    hostile = (("6", "=1+1", "1234", "=HYPERLINK(1)", "+1"), ("7", "@SUM(A1)", "1234", "-2+3", "https://x.example"))
    # Without a sensitive element, no field is masked.
    elements = (bureau.root / "city/elements/civil.yaml").read_text("utf-8")
    plain = elements.replace("grade: L3, openness: none, personal: sensitive", "grade: L1")
    bureau.deliver(hostile, "hostile", elements__civil=plain)
    path = _export(bureau)
    assert formula_cells(path) == []
    shown = {line["编号"]: line for line in read_lines(path, DATASET)}
    # An apostrophe keeps them texts after the sheet was saved as CSV, too; a number needs none.
    assert shown["6"]["区域"] == "'=1+1"
    assert shown["7"]["区域"] == "'@SUM(A1)"
    assert shown["7"]["等候"] == "'-2+3"
    assert shown["6"]["备注"] == "+1"
    assert shown["2"]["备注"] == "'=cmd|' /C calc'!A0"


def test_fields_with_a_code_list_have_a_drop_down_of_codes_and_names(bureau: Bureau) -> None:
    path = _export(bureau)
    (rule,) = drop_downs(path, DATASET)
    assert rule["sqref"] == "K2:K4"
    assert rule["list"] == "_lists!$A$1:$A$2"
    assert sheet_names(path)[-1] == "_lists"
    with_names = read_lists(path)
    assert [text.split(" ")[0] for text in with_names] == ["990101", "990106"]


def read_lists(path: Path) -> list[str]:
    """The texts of the first list."""
    import fastexcel

    rows = fastexcel.read_excel(path).load_sheet("_lists", header_row=None, skip_rows=0, dtypes="string").to_polars()
    return rows.to_series(0).to_list()


def test_sensitive_values_are_masked_everywhere(bureau: Bureau) -> None:
    for form in ("xlsx", "csv", "yaml"):
        path = _export(bureau, form)
        if form == "xlsx":
            texts = [text for line in read_lines(path, DATASET) for text in line.values() if text]
            # A field without an element has no grade: masked with the others.
            assert MASK in texts
            assert "http://example.org" not in texts
        else:
            texts = [path.read_text("utf-8")]
        # A receipt's id has the time and random digits, which may be any.
        shown = [re.sub(r"\d{8}T\d+Z-[0-9a-f]+", "", text) for text in texts]
        assert not [text for text in shown for secret in ("1234", "5678", "9012", "99887") if secret in text]


def test_the_sheet_is_protected_but_for_the_entries_and_prints_with_its_heading(bureau: Bureau) -> None:
    page = sheet_xml(_export(bureau), DATASET)
    protection = page.find(f"{_MAIN}sheetProtection")
    assert protection is not None
    assert "password" not in protection.attrib
    assert "hashValue" not in protection.attrib
    pane, setup = page.find(f".//{_MAIN}pane"), page.find(f"{_MAIN}pageSetup")
    assert pane is not None
    assert pane.attrib["state"] == "frozen"
    assert pane.attrib["ySplit"] == "1"
    assert setup is not None
    assert setup.attrib["orientation"] == "landscape"
    assert page.find(f"{_MAIN}autoFilter") is not None


def test_exported_rows_are_recorded_once_with_the_person(bureau: Bureau) -> None:
    first = _export(bureau)
    assert set(bureau.states().values()) == {"exported"}
    second = _export(bureau)
    assert first != second
    assert first.exists(), "no file is replaced: it may be filled in"
    acts = bureau.acts()
    assert acts.select("act", "user", "rows", "department").rows() == [("export_rows", "li", 4, DEPARTMENT)]


def test_nothing_is_exported_and_recorded_without_the_right(bureau: Bureau) -> None:
    roles = "roles:\n- {users: [wang], may: [correct], departments: ['*']}\n"
    (bureau.root / "city/roles.yaml").write_text(roles, encoding="utf-8")
    with pytest.raises(CitylakeError) as refused:
        _export(bureau)
    assert refused.value.code == "ACT_NOT_ALLOWED"
    assert not (bureau.root / "out").exists()
    assert bureau.acts().is_empty()


def test_a_dataset_with_more_lines_than_a_sheet_holds_gets_further_sheets(bureau: Bureau) -> None:
    from citylake.pipelines.acts import export_rows as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "StewardWorkbook", lambda path: StewardWorkbook(path, sheet_rows=4))
        (done,) = export_rows(bureau.work(), bureau.everything(), bureau.root / "out")
    assert done.sheets == [DATASET, f"{DATASET} (2)"]
    lines = [line for name in done.sheets for line in read_lines(done.files[0], name)]
    assert len(lines) == done.lines == 6
    assert [rule["sqref"] for rule in drop_downs(done.files[0], DATASET)] == ["K2:K4"]


def test_without_the_library_the_error_has_the_command_that_installs_it(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(CitylakeError, match=r"pip install 'citylake\[report\]'"):
        _export(bureau)
    assert bureau.acts().is_empty(), "rows that nobody got are not exported"


def test_every_refused_row_is_exported_however_many_there_are(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path)
    # With one good row, because a batch of refused rows alone is held.
    refused = [(str(number), f"区{number % 97}", "1234", "5", "x") for number in range(12_000)]
    bureau.deliver([("good", "东城", "1234", "5", "x"), *refused])
    began = time.process_time()
    (done,) = export_rows(bureau.work(), bureau.everything(), tmp_path / "out")
    # A hundred thousand rows are to take less than five minutes of one core.
    assert time.process_time() - began < 36
    assert done.rows == done.lines == 12_000
