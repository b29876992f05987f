"""Departments name the same enterprises, each in its own way, and the truth knows which is which."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc as stdnum_uscc

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import TRUTH_FILE
from citylake.infra.city.generate.firms import city_firms, is_troubled
from citylake.infra.city.generate.roads import road_of

FIRMS = {firm.uscc: firm for firm in city_firms(City())}


@pytest.fixture(scope="module")
def told(city_folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((city_folder / TRUTH_FILE).read_text("utf-8"))
    return document


def test_every_enterprise_has_its_own_name_and_right_codes() -> None:
    assert len({firm.name for firm in FIRMS.values()}) == len(FIRMS) > 700
    assert all(stdnum_uscc.is_valid(uscc) for uscc in FIRMS)
    assert all(firm.organisation_code in firm.uscc for firm in FIRMS.values())


def test_names_are_spelt_as_the_truth_says(city_folder: Path, told: dict[str, Any]) -> None:
    records = told["enterprises"]["government.hotline_cases"]["records"]
    cases = json.loads((city_folder / "api/hotline.json").read_text("utf-8"))
    named = {case["ajbh"]: case["sjdw"] for case in cases if case["sjdw"] and case["ajbh"]}
    assert named.keys() <= records.keys()
    for case, name in named.items():
        true = FIRMS[records[case]["uscc"]].name
        kind = records[case]["spelling"]
        wrong = sum(a != b for a, b in zip(name, true, strict=False))
        assert {"exact": name == true, "abbreviated": name in true != name, "misspelt": wrong == 1}[kind], (name, true)
    assert min(Counter(record["spelling"] for record in records.values()).values()) > 20


def test_a_misspelt_name_is_no_other_enterprises_name(city_folder: Path, told: dict[str, Any]) -> None:
    cases = json.loads((city_folder / "api/hotline.json").read_text("utf-8"))
    names = {firm.name: uscc for uscc, firm in FIRMS.items()}
    records = told["enterprises"]["government.hotline_cases"]["records"]
    assert all(names.get(case["sjdw"], records[case["ajbh"]]["uscc"]) == records[case["ajbh"]]["uscc"]
               for case in cases if case["sjdw"] and case["ajbh"])  # fmt: skip


def test_tax_still_writes_the_district_that_is_gone(city_folder: Path) -> None:
    text = next((city_folder / "files/tax").iterdir()).read_bytes().decode("gb18030")
    rows = list(csv.DictReader(io.StringIO(text)))
    gone = [row for row in rows if row["主管区"] == "经开区"]
    assert len(gone) > 20
    assert {FIRMS[row["纳税人识别号"]].district.code for row in gone if row["纳税人识别号"] in FIRMS} == {"990106"}


def test_the_answer_is_of_troubled_enterprises_with_open_cases(city_folder: Path, told: dict[str, Any]) -> None:
    answer = told["question"]
    cases = {case["ajbh"]: case for case in json.loads((city_folder / "api/hotline.json").read_text("utf-8"))}
    assert 8 <= len(answer) <= 40
    assert all(is_troubled(FIRMS[uscc]) for uscc in answer)
    assert {cases[case]["ajzt"] for found in answer.values() for case in found} == {"办理中"}
    spelt = {told["enterprises"]["government.hotline_cases"]["records"][case]["spelling"]
             for found in answer.values() for case in found}  # fmt: skip
    assert spelt == {"exact", "abbreviated", "misspelt"}


def test_a_case_names_the_road_of_its_address(city_folder: Path) -> None:
    cases = json.loads((city_folder / "api/hotline.json").read_text("utf-8"))
    assert all(case["sfdl"] == road_of(case["sfdd"]) != "" for case in cases)
