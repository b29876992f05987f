"""Addresses of Hangzhou's schools: the district that was valid on the day, found or openly not found."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.address import hangzhou
from benchmarks.address.__main__ import GAZETTEERS, measure
from citylake.pipelines.address.division_register import DivisionRegister
from citylake.pipelines.address.locate_address import AddressLocation, AddressLocator


@pytest.fixture(scope="module")
def register(data: Path) -> DivisionRegister:
    return hangzhou.register(data)


@pytest.mark.parametrize(
    ("gazetteer", "right"), [("no gazetteer", 39), ("the names of the other schools", 49), ("the city's streets", 53)]
)
def test_no_school_is_located_wrongly_and_most_are_located(data: Path, gazetteer: str, right: int) -> None:
    found = measure(data, GAZETTEERS[gazetteer])
    assert (found.wrong, found.ambiguous) == (0, 0)
    assert found.right >= right
    assert found.right + found.unknown == 56


def located(register: DivisionRegister, address: str, year: int, *, follow: bool = False) -> AddressLocation:
    return AddressLocator(register, hangzhou.city_streets(), "杭州市", follow).locate(address, date(year, 7, 1))


@pytest.mark.parametrize(
    ("address", "year", "follow", "code"),
    [
        ("杭州市下城区东新路155号", 2015, False, "330103"),
        ("杭州市下城区东新路155号", 2022, False, None),
        ("杭州市下城区东新路155号", 2022, True, "330105"),
        ("江干区庆春东路1号", 2022, True, None),
        ("江干区四季青街道庆春东路1号", 2022, True, "330102"),
        ("浙江省余杭市临平镇", 1999, False, "330184"),
        ("浙江省余杭市", 2022, True, "330110"),
        ("杭州市钱塘区白杨街道24号大街", 2015, False, None),
        ("杭州西湖区文三路478号", 2022, False, "330106"),
        ("浙江杭州西湖区文三路478号", 2022, False, "330106"),
        ("江西省南昌市西湖区中山路1号", 2022, False, "360103"),
        ("西湖大道1号", 2022, False, None),
        ("西湖区块1号", 2022, False, None),
        ("上海市浦东新区张江路1号", 2022, False, "310115"),
        ("江西省南昌市清波街道1号", 2022, False, None),
        ("江西省清波街道1号", 2022, False, None),
        ("浙江省清波街道1号", 2022, False, "330102"),
        ("义乌市城南街道1号", 2022, False, "330782"),
        ("桐庐县城南街道1号", 2022, False, "330122"),
        ("朝阳区城南街道1号", 2022, False, None),
        ("矿区城南街道1号", 2022, False, None),
    ],
)
def test_a_division_is_the_one_of_the_day_and_its_successor_only_when_asked(
    register: DivisionRegister, address: str, year: int, follow: bool, code: str | None
) -> None:
    assert located(register, address, year, follow=follow).code == code


def test_a_district_that_was_divided_is_ambiguous_between_its_successors(register: DivisionRegister) -> None:
    found = located(register, "江干区庆春东路1号", 2022, follow=True)
    assert (found.state, found.candidates) == ("ambiguous", ("330102", "330114"))


def test_without_the_city_a_name_of_several_districts_is_ambiguous(register: DivisionRegister) -> None:
    found = AddressLocator(register, hangzhou.city_streets()).locate("西湖区文三路478号", date(2022, 7, 1))
    assert found.state == "ambiguous"
    assert {"330106", "360103"} <= set(found.candidates)


def test_a_district_and_a_street_of_another_one_contradict_each_other(register: DivisionRegister) -> None:
    found = located(register, "杭州市西湖区清波街道劳动路95号", 2022)
    assert (found.state, found.candidates) == ("ambiguous", ("330102", "330106"))
    assert [(clue.kind, clue.name) for clue in found.evidence][:2] == [
        ("district", "杭州市西湖区"),
        ("street", "清波街道"),
    ]


def test_the_page_about_addresses_says_what_its_code_does(register: DivisionRegister) -> None:
    page = (Path(__file__).parents[2] / "docs/addresses.md").read_text("utf-8")
    with hangzhou.STREETS.open(encoding="utf-8", newline="") as file:
        names: dict[str, Any] = {"register": register, "streets": list(csv.DictReader(file))}
    said = 0
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        for line in block.splitlines():
            code, _, comment = line.partition("  # ")
            if not comment:
                exec(code, names)
                continue
            said += 1
            value = eval(code, names)
            if isinstance(value, AddressLocation):
                value = (f"{value.state},", f"{value.code},", "by", "the", "street", value.evidence[0].name)
            assert (value if isinstance(value, str) else " ".join(value)) == comment
    assert said == 4
