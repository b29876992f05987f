"""Organisations' names: one key for the spellings of one name."""

from __future__ import annotations

import polars as pl
import pytest

from citylake.pipelines.address.organisation_name import organisation_key, organisation_name, organisation_sound

PLACES = ("澜海市", "东湖区", "临江区")


@pytest.mark.parametrize(
    "written",
    [
        "澜海市蓝天物流有限公司",
        "澜海藍天物流有限責任公司",
        "蓝天物流（澜海）有限公司",
        "澜海市东湖区蓝天物流 有限公司",
        "蓝天物流有限公司",
    ],
)
def test_spellings_of_one_name_have_one_key(written: str) -> None:
    assert organisation_name(written, PLACES).key == "蓝天物流有限公司"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("蓝天物流有限公司", "蓝天物流股份有限公司"),
        ("蓝天物流有限公司", "蓝天物流有限公司东湖分公司"),
        ("蓝天会计师事务所（普通合伙）", "蓝天会计师事务所（特殊普通合伙）"),
        ("蓝天物流有限公司", "蓝田物流有限公司"),
        ("东湖餐饮有限公司", "澜海市临江餐饮有限公司"),
    ],
)
def test_other_legal_forms_branches_and_characters_are_other_names(one: str, other: str) -> None:
    assert organisation_name(one, PLACES).key != organisation_name(other, PLACES).key


def test_a_character_of_the_same_sound_has_the_same_sound() -> None:
    right, misspelt = organisation_name("恒信精密机械有限公司"), organisation_name("恒鑫精密机械有限公司")
    assert right.sound == misspelt.sound
    assert right.key != misspelt.key


@pytest.mark.parametrize("written", ["澜海市公司", "东湖区", "公司", "", "（）"])
def test_a_name_of_a_place_alone_keeps_it(written: str) -> None:
    found = organisation_name(written, PLACES)
    assert bool(found.key) == bool(written.strip("（）"))


def test_a_column_keeps_its_rows_and_its_nulls() -> None:
    rows = pl.DataFrame({"name": ["澜海蓝天物流有限公司", None, ""]})
    found = rows.select(key=organisation_key(pl.col("name"), PLACES), sound=organisation_sound(pl.col("name"), PLACES))
    assert found["key"].to_list() == ["蓝天物流有限公司", None, None]
    assert found["sound"].to_list() == ["lantianwuliu", None, None]
