"""Encodings: declared, proven or guessed; a text that differs from the truth always has a notice, or is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PLACES = {
    "zh-CN": (
        "朝阳区 东城区 西直门 海淀区 中关村 人民广场 南京路 解放大道 天坛公园 黄浦江 监测站 第三医院 长安街 环保局"
    ),
    "zh-TW": ("基隆測站 板橋 嘉義 臺北市 新北市 中山路 信義區 高雄港 國立圖書館 淡水河 忠孝東路 龍山寺 醫院 花蓮縣"),
    "ja-JP": ("新宿駅 渋谷駅 東京 大阪市 横浜港 千代田区 中央公園 さくら通り みなとみらい 図書館 名古屋 つくば"),
    "ko-KR": ("서울역 강남구 종로구 한강대로 부산광역시 인천공항 측정소 도서관 시민공원 중구 대전 광화문"),
    "fr-FR": ("Créteil Besançon Élysées Genève Forêt Vénissieux Périgord Évreux Orléans Sèvres Nîmes arrêté"),
    "pl-PL": ("Łódź Gdańsk Kraków Poznań Śródmieście Wrocław Żoliborz Białystok Rzeszów Częstochowa"),
    "ru-RU": ("Москва Тверская Арбат Невский станция Казань Измайлово больница школа метро"),
}
ENCODINGS = [
    ("zh-CN", "gb18030"),
    ("zh-CN", "gbk"),
    ("zh-CN", "utf-8"),
    ("zh-CN", "utf-16"),
    ("zh-CN", "utf-16-le"),
    ("zh-CN", "utf-16-be"),
    ("zh-TW", "big5"),
    ("ja-JP", "cp932"),
    ("ja-JP", "euc_jp"),
    ("ja-JP", "iso2022_jp"),
    ("ko-KR", "euc_kr"),
    ("ko-KR", "iso2022_kr"),
    ("fr-FR", "cp1252"),
    ("pl-PL", "cp1250"),
    ("ru-RU", "cp1251"),
    ("ru-RU", "koi8-r"),
]


def codes(outcome: Any) -> list[str]:
    problem = outcome.parsed.problem
    return [problem.code] if problem else [notice["code"] for notice in outcome.parsed.report["notices"]]


@pytest.mark.parametrize(("locale", "encoding"), ENCODINGS)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_text_that_is_read_wrong_has_a_notice_or_is_refused(
    parser: Any, data: st.DataObject, locale: str, encoding: str
) -> None:
    names = data.draw(st.lists(st.sampled_from(PLACES[locale].split()), min_size=1, max_size=12))
    given_locale = {"locale": locale} if data.draw(st.booleans()) else {}
    body = "code,name\n" + "".join(f"S{number},{name}\n" for number, name in enumerate(names))
    outcome = parser(body.encode(encoding), **given_locale)
    right = outcome.parsed.problem is None and [row[1] for row in outcome.rows] == names
    assert right or codes(outcome) in (["ENCODING_GUESSED"], ["ENCODING_AMBIGUOUS"], ["ENCODING_UNKNOWN"])
    if outcome.parsed.problem is None:
        kind = outcome.parsed.report["encoding_kind"]
        assert (kind == "guessed") == ("ENCODING_GUESSED" in codes(outcome))


@pytest.mark.parametrize(("locale", "encoding"), ENCODINGS)
def test_the_contracts_locale_makes_a_city_file_right(parser: Any, locale: str, encoding: str) -> None:
    names = PLACES[locale].split()
    body = "code,name\n" + "".join(f"S{number},{name}\n" for number, name in enumerate(names))
    assert [row[1] for row in parser(body.encode(encoding), locale=locale).rows] == names


@pytest.mark.parametrize("header", ["Temp (°C)", "PM10 (µg/m³)", "area km²"])
def test_signs_of_units_are_no_letters_of_another_script(parser: Any, header: str) -> None:
    body = f"day,{header}\n2024-01-01,5\n2024-01-02,6\n"
    assert parser(body.encode("cp1252"), locale="en-GB").parsed.columns == ("day", header)


@pytest.mark.parametrize("place", ["zone", "locale"])
def test_a_zone_of_the_contract_is_a_locale_too(place: str) -> None:
    from citylake.pipelines.parse.encoding_candidates import encoding_weights

    weights = encoding_weights("Asia/Taipei" if place == "zone" else "zh-Hant-TW")
    assert max(weights, key=lambda name: weights[name]) == "big5hkscs"
    assert encoding_weights("") == encoding_weights("UTC")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16", "iso2022_jp"])
def test_a_marked_or_self_evident_encoding_is_proven(parser: Any, encoding: str) -> None:
    outcome = parser("id,name\n1,東京\n2,大阪\n".encode(encoding))
    assert outcome.rows == [("1", "東京"), ("2", "大阪")]
    assert outcome.parsed.report["encoding_kind"] == "proven"
    assert codes(outcome) == []


def test_a_long_text_that_only_gb18030_decodes_is_proven(parser: Any) -> None:
    names = [*PLACES["zh-CN"].split() * 3, "鼹鼠谷", "龙山镇", "麒麟门", "氤氲阁", "镕基路", "〇号楼"]
    body = "code,name\n" + "".join(f"S{number},{name}\n" for number, name in enumerate(names))
    report = parser(body.encode("gb18030")).parsed.report
    assert (report["encoding"], report["encoding_kind"], report["notices"]) == ("gb18030", "proven", [])


def test_lines_that_are_not_utf8_refuse_a_utf8_file_with_row_and_byte(parser: Any) -> None:
    good = "a,b\n1,道一\n2,道三\n".encode()
    strict = {"type": "csv", "bad_rows": "hold"}
    problem = parser(good + "3,道二\n".encode("gbk"), format=strict).parsed.problem
    assert problem.code == "ENCODING_WRONG"
    assert (problem.values["row"], problem.values["encoding"]) == (4, "utf-8")
    assert (problem.values["byte"], problem.values["offset"]) == ("B5", len(good) + 3)


def test_a_line_that_is_not_utf8_is_refused_alone_with_row_and_byte(parser: Any) -> None:
    good = "a,b\n1,道一\n2,道三\n".encode()
    outcome = parser(good + "3,道二\n".encode("gbk") + "4,道四\n".encode())
    assert outcome.rows == [("1", "道一"), ("2", "道三"), ("4", "道四")]
    (bad,) = outcome.refused_rows
    assert (bad["_row"], bad["code"], bad["value"], bad["detail"]) == (4, "ENCODING_WRONG", "B5", str(len(good) + 3))
    assert bad["text"] == r"3,\xb5\xc0\xb6\xfe"
    assert codes(outcome) == []


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_bad_line_far_into_a_utf8_file_is_refused_alone(parser: Any, mark: bytes) -> None:
    before = mark + b"a,b\n" + "1,道\n".encode() * 100_000
    outcome = parser(before + b"2,\xb5\xc0\n3,4\n")
    assert (len(outcome.rows), outcome.rows[-1]) == (100_001, ("3", "4"))
    assert outcome.refused == {100_002: "ENCODING_WRONG"}
    assert outcome.refused_rows[0]["detail"] == str(len(before) + 3)


def test_declared_utf8_refuses_a_lone_bad_byte_among_ascii(parser: Any) -> None:
    outcome = parser(b"a,b\n1,caf\xe9\n2,x\n", format={"type": "csv", "encoding": "utf-8"})
    assert (outcome.rows, outcome.refused) == ([("2", "x")], {2: "ENCODING_WRONG"})


def test_declared_utf8_is_held_if_other_lines_may_be_utf8_by_chance(parser: Any) -> None:
    chance, others = "模\n".encode("gbk"), ["道一", "道二", "东城"]
    assert chance.decode("utf-8")
    body = b"a,b\n1,x\n2,y\n3,z\n4," + chance + "".join(f"5,{name}\n" for name in others).encode("gbk")
    assert codes(parser(body, format={"type": "csv", "encoding": "utf-8"})) == ["ENCODING_WRONG"]


def test_a_guess_shows_a_sample_and_how_to_declare_it(parser: Any) -> None:
    (notice,) = parser("id,名称\n1,西直门\n".encode("gb18030"), locale="zh-CN").parsed.report["notices"]
    assert notice == {
        "code": "ENCODING_GUESSED",
        "file": "in/data.csv",
        "row": 1,
        "encoding": "gb18030",
        "sample": "名称",
    }


def test_an_uncertain_guess_is_refused_with_both_readings_of_one_field(parser: Any) -> None:
    values = parser("code,nom\nS1,Saint-Genès\nS2,Forêt Noire\n".encode("cp1252")).parsed.problem.values
    assert {values["sample"], values["other_sample"]} == {"Saint-Genès", "Saint-Genčs"}
    assert "cp1252" in (values["encoding"], values["other"])


@pytest.mark.parametrize("declared", ["gb18030", "big5", "cp1252", "shift_jis"])
def test_utf8_under_another_declared_encoding_is_refused(parser: Any, declared: str) -> None:
    outcome = parser("code,name\nS1,东城测站站\nS2,万寿西宫\n".encode(), format={"type": "csv", "encoding": declared})
    assert codes(outcome)[0] in ("ENCODING_MISDECLARED", "ENCODING_WRONG")
    assert outcome.parsed.problem.values["row"] == 2


@pytest.mark.parametrize(
    ("text", "declared", "encoding", "locale"),
    [
        ("站点,状态\n朝阳路北口,正常\n人民广场,停用\n", "cp949", "gb18030", "zh"),
        ("станция,улица\nСадовая,Невский проспект\nЛенина,Площадь Мира\n", "cp1252", "cp1251", "ru"),
    ],
)
def test_a_declared_encoding_that_another_one_fits_far_better_is_reported(
    parser: Any, text: str, declared: str, encoding: str, locale: str
) -> None:
    wrong = parser(text.encode(encoding), format={"type": "csv", "encoding": declared}, locale=locale)
    found = {each["code"]: each for each in wrong.parsed.report["notices"]}
    assert found["ENCODING_DOUBTED"]["other"] == encoding
    right = parser(text.encode(encoding), format={"type": "csv", "encoding": encoding}, locale=locale)
    assert right.parsed.report["notices"] == []


def test_a_declared_encoding_that_fits_has_no_notice(parser: Any) -> None:
    outcome = parser("code,name\nS1,模\n".encode("gbk"), format={"type": "csv", "encoding": "gbk"})
    assert outcome.rows == [("S1", "模")]
    assert (outcome.parsed.report["encoding_kind"], codes(outcome)) == ("declared", [])


@pytest.mark.parametrize(
    "body",
    ["a,b\n1,好\n2,坏\ufffd\n".encode(), "a,b\n1,好\n2,锟斤拷\n".encode(), "a,b\n1,好\n2,锟斤拷\n".encode("gb18030")],
)
def test_text_that_was_damaged_before_it_arrived_is_reported_with_its_row(parser: Any, body: bytes) -> None:
    outcome = parser(body, format={"type": "csv", "encoding": "gb18030"} if b"\xba\xc3" in body else "csv")
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["row"], outcome.parsed.rows) == ("TEXT_DAMAGED", 3, 2)


@pytest.mark.parametrize("nul", [b"\0", b"\0\0", b"x\0"])
@pytest.mark.parametrize("text", ["x,y,z\n", "道,y,1\n"])
def test_a_stray_nul_does_not_make_a_file_utf16(parser: Any, text: str, nul: bytes) -> None:
    outcome = parser(b"a,b,c\n" + text.encode() * 5 + nul + b"\n" + text.encode())
    assert outcome.rows == [tuple(text.strip().split(","))] * 6
    assert outcome.refused == {7: "NUL_BYTES"}


def test_few_characters_that_are_utf8_by_chance_are_not_proven(parser: Any) -> None:
    body = "id,price\n1,5元\n2,6元\n".encode("gbk")
    assert body.decode("utf-8")
    outcome = parser(body, locale="zh-CN")
    assert outcome.parsed.problem.code == "ENCODING_AMBIGUOUS"
    assert {"5Ԫ", "5元"} <= set(map(str, outcome.parsed.problem.values.values()))
    read = parser(body, format={"type": "csv", "encoding": "gb18030"}, locale="zh-CN")
    assert [row[1] for row in read.rows] == ["5元", "6元"]


@pytest.mark.parametrize("text", ["5元", "μg/m³", "25°C", "Φ50", "Ůhel", "Łódź", "Москва"])
def test_utf8_in_an_east_asian_zone_is_proven(parser: Any, text: str) -> None:
    names = (text, "Ústí") if text == "Ůhel" else (text,)
    outcome = parser(f"id,name\n1,{'; '.join(names)}\n".encode(), locale="zh-CN")
    assert (outcome.rows[0][1], codes(outcome)) == ("; ".join(names), [])
