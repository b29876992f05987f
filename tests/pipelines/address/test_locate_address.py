"""Divisions of addresses: valid on the day, from the register and the gazetteer, never guessed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from citylake.pipelines.address.division_register import (
    Division,
    DivisionRegister,
    final_successors,
    register_from_codes,
    register_from_rows,
)
from citylake.pipelines.address.gazetteer import Gazetteer, GazetteerEntry
from citylake.pipelines.address.locate_address import AddressLocator
from citylake.pipelines.address.located_columns import located_division
from citylake.schemas.model.code_list import CodeList

CITY = "澜海市"
DAY = date(2026, 3, 1)
REGION = CodeList.model_validate(
    {
        "id": "city.region",
        "name": {"zh": "区县", "en": "districts"},
        "values": [
            {"code": "990101", "name": {"zh": "临江区", "en": "Linjiang"}, "aliases": ["临江"]},
            {"code": "990102", "name": {"zh": "东湖区", "en": "Donghu"}},
            {"code": "990106", "name": {"zh": "高新区", "en": "Gaoxin"}, "aliases": ["高新技术产业开发区"]},
            {
                "code": "990107",
                "name": {"zh": "经开区", "en": "Jingkai"},
                "valid_to": "2020-07-01",
                "successors": ["990106"],
            },
        ],
    }
)
PLACES = Gazetteer(
    [
        GazetteerEntry("street", "湖滨街道", "990102"),
        GazetteerEntry("street", "港口街道", "990107", valid_to=date(2020, 7, 1)),
        GazetteerEntry("street", "港口街道", "990106", valid_from=date(2020, 7, 1)),
        GazetteerEntry("road", "滨湖路", "990102"),
        GazetteerEntry("estate", "金色家园", "990101"),
    ]
)


def locator(*, follow: bool = False) -> AddressLocator:
    return AddressLocator(register_from_codes(REGION, CITY), PLACES, CITY, follow)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("澜海市东湖区滨湖路88号", "990102"),
        ("澜海东湖区滨湖路88号", "990102"),
        ("東湖區濱湖路８８號", "990102"),
        ("高新技术产业开发区创业路1号", "990106"),
        ("湖滨街道滨湖路88号", "990102"),
        ("湖滨街道办事处", "990102"),
        ("港口街道1号", "990106"),
        ("东湖区金色家园3幢", "990102"),
        ("临江路12号", None),
        ("临江大道12号", None),
        ("东湖区路12号", None),
        ("金色家园3幢", None),
        ("滨湖路88号", None),
        ("", None),
    ],
)
def test_an_address_is_located_by_its_district_or_its_street_alone(address: str, code: str | None) -> None:
    found = locator().locate(address, DAY)
    assert (found.code, found.state) == (code, "located" if code else "unknown")


def test_an_abolished_district_counts_until_its_end_and_then_as_its_successor_if_asked() -> None:
    before, after = date(2020, 6, 30), date(2020, 7, 1)
    assert locator().locate("澜海市经开区1号", before).code == "990107"
    assert locator().locate("澜海市经开区1号", after).state == "unknown"
    assert locator(follow=True).locate("澜海市经开区1号", after).code == "990106"
    assert locator().locate("港口街道1号", before).code == "990107"


def test_what_an_address_was_located_by_is_its_evidence() -> None:
    found = locator().locate("澜海市东湖区湖滨街道滨湖路88号", DAY)
    assert [(clue.kind, clue.name, sorted(clue.codes)) for clue in found.evidence] == [
        ("district", "澜海市东湖区", ["990102"]),
        ("street", "湖滨街道", ["990102"]),
        ("road", "滨湖路", ["990102"]),
    ]


def test_a_list_of_roads_that_is_whole_decides() -> None:
    roads = Gazetteer([GazetteerEntry("road", "滨湖路", "990102")], complete=("street", "road"))
    assert AddressLocator(register_from_codes(REGION, CITY), roads, CITY).locate("滨湖路88号", DAY).code == "990102"


def test_names_that_contradict_each_other_are_ambiguous() -> None:
    found = locator().locate("临江区湖滨街道滨湖路88号", DAY)
    assert (found.state, found.code, found.candidates) == ("ambiguous", None, ("990101", "990102"))


def test_successors_are_followed_over_several_changes_and_never_in_a_circle() -> None:
    first = Division("1", "甲县", valid_to=date(2000, 1, 1), successors=("2",))
    second = Division("2", "甲市", valid_from=date(2000, 1, 1), valid_to=date(2010, 1, 1), successors=("1", "3"))
    third = Division("3", "甲区", valid_from=date(2010, 1, 1))
    register = DivisionRegister([first, second, third])
    assert register.at(first, date(1999, 1, 1)) == {"1"}
    assert register.at(first, date(2005, 1, 1)) == {"2"}
    assert register.at(first, DAY) == {"3"}
    assert register.at(third, date(2005, 1, 1)) == frozenset()


def test_successors_at_the_end_are_those_without_a_year() -> None:
    assert final_successors("330102[1996];330102;330114") == ("330102", "330114")
    assert final_successors("330103[1996]") == ("330103",)
    assert final_successors(["110101", "110102"]) == ("110101", "110102")
    assert final_successors(None) == ()


def test_rows_of_the_register_are_divisions() -> None:
    row = {
        "division_code": "330103",
        "division_name": "下城区",
        "division_level": "3",
        "province_name": "浙江省",
        "prefecture_name": "杭州市",
        "valid_from": date(1983, 1, 1),
        "valid_to": date(2021, 1, 1),
        "successor_codes": "330105",
    }
    (found,) = register_from_rows([row]).named("下城区")
    assert (found.code, found.successors, found.valid(date(2020, 12, 31)), found.valid(DAY)) == (
        "330103",
        ("330105",),
        True,
        False,
    )


def test_a_column_has_the_division_of_each_rows_own_day() -> None:
    rows = pl.LazyFrame(
        {
            "address": ["港口街道1号", "港口街道1号", "临江路12号", None],
            "day": [date(2020, 6, 30), DAY, DAY, DAY],
        }
    )
    found = rows.select(located_division(pl.col("address"), pl.col("day"), locator()).alias("at")).collect()["at"]
    assert found.struct.field("code").to_list() == ["990107", "990106", None, None]
    assert found.struct.field("state").to_list() == ["located", "located", "unknown", None]
    assert found.struct.field("evidence").to_list() == ["street 港口街道", "street 港口街道", None, None]


def test_a_column_may_have_one_day_for_all_rows() -> None:
    rows = pl.DataFrame({"address": ["港口街道1号", "东湖区"]})
    found = rows.select(located_division(pl.col("address"), DAY, locator()).alias("at"))["at"]
    assert found.struct.field("code").to_list() == ["990106", "990102"]
