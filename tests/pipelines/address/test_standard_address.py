"""Chinese addresses: their parts, and one spelling."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citylake.pipelines.address.address_text import chinese_number, plain_address_text
from citylake.pipelines.address.standard_address import PARTS, standardise_address

ROOM = "文三路478号3幢2单元301室"


@pytest.mark.parametrize(
    "written",
    [
        "浙江省杭州市西湖區文三路四百七十八號３幢２單元３０１室",
        "西湖区文三路 478 号 3 栋 2 单元 301",
        "文三路478号3-2-301",
        "杭州市西湖区翠苑街道文三路478号，3号楼2单元301室（东门进）",
    ],
)
def test_spellings_of_one_address_have_one_key(written: str) -> None:
    assert standardise_address(written).key == ROOM


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("上海市浦东新区张江路1弄2号楼3层301室", "上海市||浦东新区|||张江路|1|||2||3|301|"),
        ("杭州市钱塘区白杨街道二十四号大街498号", "|杭州市|钱塘区|白杨街道||24号大街||498||||||"),
        ("小营街道建国中路锅子弄37号", "|||小营街道||建国中路锅子弄||37||||||"),
        ("紫阳街道金狮苑20号", "|||紫阳街道||||20|金狮苑|||||"),
        ("钱塘区新湾街道建华村688号", "||钱塘区|新湾街道|建华村|||688||||||"),
        ("东园小区12幢", "||||||||东园|12||||"),
        ("丁桥路2号-30", "|||||丁桥路||2-30||||||"),
        ("中山北路285号之1", "|||||中山北路||285-1||||||"),
        ("学院路与文三路交叉口", "|||||学院路||||||||与文三路交叉口"),
    ],
)
def test_each_part_is_found_and_what_is_no_part_is_the_rest(written: str, parts: str) -> None:
    found = standardise_address(written)
    assert "|".join(getattr(found, name) for name in PARTS) == parts


@pytest.mark.parametrize("road", ["文一路", "八一路", "镇江路", "西湖大道", "赵伍路", "里仁路", "乡约路", "区府路"])
def test_a_roads_name_is_not_a_number_a_district_or_a_town(road: str) -> None:
    found = standardise_address(f"{road}十二号")
    assert (found.road, found.number, found.district, found.street) == (road, "12", "", "")


def test_an_estate_on_a_road_is_not_that_road() -> None:
    assert standardise_address("大学路新村54号").key != standardise_address("大学路54号").key


@pytest.mark.parametrize("written", ["", "  ", "杭州市", "（暂无）"])
def test_without_a_street_there_is_no_key(written: str) -> None:
    assert standardise_address(written).key == ""


def test_a_house_and_its_rooms_share_the_key_of_the_street() -> None:
    assert standardise_address(ROOM).street_key == standardise_address("西湖区文三路478号").key == "文三路478号"


NUMERALS = "零一二三四五六七八九"


def written_out(number: int) -> str:
    """A number to 9,999 in Chinese numerals, by the rule of the language: the oracle of ``chinese_number``."""
    text, pending = "", False
    for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            text += ("零" if pending and text else "") + NUMERALS[digit] + word
        pending = not digit
    return text


@given(st.integers(1, 9_999))
@settings(max_examples=60)
def test_a_numeral_says_its_number(number: int) -> None:
    assert chinese_number(written_out(number)) == str(number)
    assert plain_address_text(f"文一路{written_out(number)}号") == f"文一路{number}号"


houses = st.builds(
    "{}{}{}号{}".format,
    st.sampled_from(["", "浙江省杭州市西湖区", "东湖区", "丁兰街道", "三墩镇建华村", "中國香港特別行政區"]),
    st.sampled_from(["文三路", "24号大街", "金狮苑", "建国中路锅子弄", "江南大道"]),
    st.sampled_from(["1", "58-1", "十五", "１２０", "7A"]),
    st.sampled_from(["", "2幢", "恒鑫大厦A座1203室", "3-2-301", "5楼", "后门"]),
)


@given(st.one_of(houses, st.text(alphabet="省市区县街道镇村路号弄幢室3-一五十之东A 、.()", max_size=12)))
@example("三、五号")
@example("文三路五五-一号")
@example("文三路1((后)门)号")
@settings(max_examples=150)
def test_one_spelling_stays_as_it_is(written: str) -> None:
    text = standardise_address(written).text
    assert standardise_address(text).text == text


@pytest.mark.parametrize(
    ("written", "key"),
    [("文三路3、5号", "文三路3、5号"), ("文三路三／五号", "文三路三、5号"), ("文三路、五号", "文三路5号")],
)
def test_two_numbers_are_not_one(written: str, key: str) -> None:
    assert standardise_address(written).text == key
