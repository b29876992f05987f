"""Identifiers are replaced on entry to standard: rules judge the values, and the same person joins by token."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

import polars as pl
import pytest
import yaml

from citylake.pipelines.conform.bind.protected_values import masked_values
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.meaning_check import keep_meanings
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import ALL_PACKS
from tests.trial import Trial

KEY = urlsafe_b64encode(bytes(32)).decode()
OTHER = urlsafe_b64encode(bytes([1]) * 32).decode()
INSURED = """
dataset: person.insured
title: {zh: 参保人员, en: insured persons}
owner: {department: 市人力资源社会保障局}
source: {connector: files, path: "${PEOPLE}/insured*.csv", format: csv}
fields:
  身份证号: {element: person.id_number, required: true, clean: [upper]}
  姓名: {element: person.name}
  手机: {element: person.mobile}
write: {mode: upsert, key: [id_number]}
"""
PERMITS = """
dataset: person.permits
title: {zh: 居住证, en: residence permits}
owner: {department: 市公安局}
source: {connector: files, path: "${PEOPLE}/permits*.csv", format: csv}
fields:
  号码: {element: person.id_number, required: true, clean: [upper]}
  住址: {element: person.home_address}
write: {mode: append}
"""


@pytest.fixture
def people(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", KEY)
    trial.given["PEOPLE"] = str(tmp_path)
    (tmp_path / "insured.csv").write_text(
        "身份证号,姓名,手机\n33010619910517800X,张三,13800138000\n330521196406236017,李四,\n330521196406236018,王五,1\n",
        "utf-8",
    )
    (tmp_path / "permits.csv").write_text("号码,住址\n33010619910517800x,浙江省杭州市西湖区翠苑一区12幢\n", "utf-8")
    trial.declare("datasets/person/insured", INSURED)
    trial.declare("datasets/person/permits", PERMITS)
    return trial


def test_the_same_person_joins_across_departments_by_token(people: Trial) -> None:
    people.run()
    insured, permits = people.standard("person.insured"), people.standard("person.permits")
    assert insured.join(permits, on="id_number")["person_name"].to_list() == ["张***"]
    assert permits["home_address"].to_list() == ["浙江省杭州市西湖区***"]
    assert insured["mobile_no"].str.contains(r"^t1\.[a-z2-7]{6}\.[a-z2-7]{24}$").drop_nulls().to_list() == [True]


def test_rules_judge_the_value_and_the_key_of_a_refused_row_is_the_token(people: Trial) -> None:
    people.run()
    refused = people.quarantine("person.insured")
    assert refused["codes"].to_list() == [["CHECK_DIGIT_WRONG", "VALUE_TOO_SHORT"]]
    assert refused["key"].str.contains("330521").to_list() == [False]
    assert refused["raw"].str.contains("330521196406236018").to_list() == [True]


def test_rows_with_one_key_are_found_in_a_file_and_across_files(people: Trial, tmp_path: Path) -> None:
    (tmp_path / "insured.csv").write_text(
        "身份证号,姓名,手机\n33010619910517800X,张三,13800138000\n33010619910517800x,张三,13800138000\n"
        "33010619910517800X,赵三,13800138000\n",
        "utf-8",
    )
    people.run()
    assert people.refused("person.insured")["codes"].to_list() == [["KEY_DUPLICATE"]]
    (tmp_path / "insured2.csv").write_text("身份证号,姓名,手机\n33010619910517800X,张三,13900139000\n", "utf-8")
    people.run()
    assert people.standard("person.insured").height == 1


def test_without_the_key_the_dataset_pulls_nothing_and_the_others_go_on(
    people: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CITYLAKE_KEY_TOKENS")
    people.declare(
        "datasets/person/permits",
        PERMITS.replace("person.id_number", "service.licence_no").replace("home_address", "gender"),
    )
    found = people.run()
    (problem,) = people.dataset(found, "person.insured")["problems"]
    assert problem["code"] == "KEY_UNSET"
    assert people.receipts("person.insured") == []
    assert people.dataset(found, "person.permits")["status"] != "failed"


def test_tokens_of_two_keys_never_stand_in_one_table(
    people: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.run()
    before = people.standard("person.insured")
    (tmp_path / "insured.csv").unlink()
    (tmp_path / "insured2.csv").write_text("身份证号,姓名,手机\n33052119910525707X,钱六,13900139000\n", "utf-8")
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", OTHER)
    (held,) = people.dataset(people.run(), "person.insured")["problems"]
    assert held["code"] == "CONTRACT_MEANING_CHANGED"
    assert people.standard("person.insured").equals(before)
    assert people.replay("person.insured").status == "committed"
    people.run()
    after = people.standard("person.insured")
    assert after.height == 3
    assert after["id_number"].str.slice(0, 9).n_unique() == 1
    assert not set(after["id_number"]) & set(before["id_number"])


def test_a_run_without_news_names_the_command_that_makes_the_rows_of_another_key_again(
    people: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.run()
    (tmp_path / "insured.csv").rename(tmp_path / "elsewhere.csv")
    (tmp_path / "permits.csv").rename(tmp_path / "elsewhere2.csv")
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", OTHER)
    found = {each["dataset"]: each["problems"] for each in people.run().document["datasets"]}
    for name in ("person.insured", "person.permits"):
        assert f"citylake replay {name}" in str([each for each in found[name] if each["code"] == "PROTECTION_STALE"])


def test_a_lake_with_identifiers_in_standard_opens_and_is_reported_until_they_are_replayed(
    people: Trial, tmp_path: Path
) -> None:
    elements = load_valid_registry(ALL_PACKS).elements
    earlier = [elements[name].model_dump(mode="json") for name in ("person.id_number", "person.home_address")]
    for each in earlier:
        del each["sensitivity"]["protect"]
    people.declare("elements/earlier", yaml.safe_dump(earlier, allow_unicode=True))
    people.run()
    assert people.standard("person.permits")["id_number"].to_list() == ["33010619910517800X"]
    (people.root / "workspace/elements/earlier.yaml").unlink()
    (tmp_path / "permits.csv").rename(tmp_path / "elsewhere.csv")
    problems = people.dataset(people.run(), "person.permits")["problems"]
    assert "PROTECTION_STALE" in [each["code"] for each in problems]
    registry, run = load_valid_registry(people.root / "workspace"), new_run()
    context = RunContext(registry, people.lake, people.ledger, run, run_variables(registry, run, people.given))
    with pytest.raises(CitylakeError, match="without --keep"):
        keep_meanings(context, registry.contracts["person.permits"])
    assert people.replay("person.permits").status == "committed"
    assert people.standard("person.permits")["id_number"].str.starts_with("t1.").to_list() == [True]


@pytest.mark.parametrize(
    ("element", "value", "masked"),
    [
        ("person.name", "张三", "张***"),
        ("person.name", "欧阳娜娜", "欧***"),
        ("person.mobile", "13800138000", "138****8000"),
        ("person.phone", "1234567", "***"),
        ("person.home_address", "上城区望江街道近江东园5幢", "上城区***"),
        ("person.home_address", "12 Downing Street", "***"),
    ],
)
def test_a_mask_keeps_no_more_than_is_declared(element: str, value: str, masked: str) -> None:
    registry = load_valid_registry(ALL_PACKS)
    assert masked_values(pl.Series("x", [value, None]), registry.elements[element]).to_list() == [masked, None]


def test_the_suite_of_a_table_judges_no_token_by_the_rules_of_the_number(people: Trial) -> None:
    pytest.importorskip("great_expectations")
    from citylake.quality.expectations.expectation_suite import build_suite

    registry = load_valid_registry(people.root / "workspace")
    contract = registry.contracts["person.insured"]
    rule = {"issue": "NAME_SHORT", "when": "length(person_name) < 2", "text": {"zh": "短", "en": "short"}}
    ruled = type(contract).model_validate({**contract.model_dump(by_alias=True), "rules": [rule]})
    assert not [
        each for each in build_suite(ruled, registry).expectations if "regexp" in str(each) or "length" in str(each)
    ]


def test_the_raw_rows_of_the_quarantine_are_open_to_the_owner_of_the_lake_alone(people: Trial) -> None:
    people.run()
    assert Path(people.lake.quarantine("person.insured")).stat().st_mode & 0o777 == 0o700
