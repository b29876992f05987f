"""Vectors: domain facts for GB 32100, GB 11714, GB 11643, GB 16735 and the Luhn test."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn as std_luhn
from stdnum.cn import ric as std_ric
from stdnum.cn import uscc as std_uscc

from citylake.quality.rules.check_digits import has_check_digit
from citylake.schemas.model.element import CheckDigit

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VIN = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
VIN_VALUES = dict(zip(VIN, [*range(10), *range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)], strict=True))
ID_CHECK = "10X98765432"

GOOD: list[tuple[CheckDigit, str]] = [
    ("uscc", "91110000YYYY00012F"),
    ("uscc", "12310000YYYY00020W"),
    ("uscc", "52440000YYYY00039Q"),
    ("uscc", "N2510000YYYY00047C"),
    ("uscc", "Y1330000YYYY00063P"),
    ("uscc", "92500000YYYY000716"),
    ("organisation_code", "D2143569-X"),
    ("organisation_code", "D2143569X"),
    ("organisation_code", "12345678-8"),
    ("organisation_code", "YYYY0001-2"),
    ("organisation_code", "YYYY0005-5"),
    ("organisation_code", "40000988-0"),
    ("organisation_code", "40000219-5"),
    ("id_number", "110000190001010012"),
    ("id_number", "310000190102280027"),
    ("id_number", "440000190206300036"),
    ("id_number", "510000190312310041"),
    ("id_number", "330000190402290052"),
    ("id_number", "11000019000101008X"),
    ("id_number", "810000190001010018"),
    ("id_number", "83000019000101002X"),
    ("id_number", "91182619000101001X"),
    ("vin", "1M8GDM9AXKP042788"),
    ("vin", "11111111111111111"),
    ("vin", "LZZ000007S0000001"),
    ("vin", "LSYNTH001R0000002"),
    ("vin", "LTESTVN01T0000003"),
    ("luhn", "4111111111111111"),
    ("luhn", "79927398713"),
]
BAD: list[tuple[CheckDigit, str]] = [
    ("uscc", "91110000yyyy00012f"),
    ("uscc", "911100O0YYYY00012F"),
    ("uscc", "110000000000000"),
    ("uscc", "0" * 18),
    ("uscc", ""),
    ("organisation_code", "D2143569-0"),
    ("organisation_code", "D2143569--X"),
    ("organisation_code", "00000000-0"),
    ("id_number", "11000019000229001X"),
    ("id_number", "110000190001010011"),
    ("id_number", "11000019000101001"),
    ("id_number", "110000190001010016"),
    ("id_number", "110000190001010000"),
    ("id_number", "1.1000019000101002e+17"),
    ("id_number", "110000000101001"),
    ("id_number", "11000019000101008x"),
    ("id_number", "１１００００１９０００１０１００１２"),
    ("vin", "1M8GDM9AIKP042788"),
    ("vin", "1M8GDM9A0KP042788"),
    ("vin", "1M8GDM9AXKP04278"),
    ("luhn", "4111111111111112"),
    ("luhn", "4111 1111 1111 1111"),
    ("luhn", "0000000000000000"),
    *(("id_number", str(digit) * 18) for digit in range(10)),
]


def test_numbers_known_to_be_right_pass() -> None:
    assert [code for code in GOOD if not _ask(*code)] == []


def test_numbers_known_to_be_wrong_fail() -> None:
    assert [code for code in BAD if _ask(*code)] == []


@pytest.mark.parametrize("name", ["uscc", "organisation_code", "id_number", "vin", "luhn"])
def test_no_value_is_neither_right_nor_wrong(name: CheckDigit) -> None:
    asked = pl.LazyFrame({"v": [None, "é", "京" * 18]}, schema={"v": pl.String}).select(
        has_check_digit(name, pl.col("v"))
    )
    assert asked.collect(engine="streaming")["v"].to_list() == [None, False, False]


@st.composite
def uscc_codes(draw: st.DrawFn) -> str:
    body = (
        draw(st.sampled_from("123456789ANY"))
        + draw(st.sampled_from(USCC))
        + draw(st.text("0123456789", min_size=6, max_size=6))
    )
    body += draw(st.text(USCC, min_size=9, max_size=9))
    return body + USCC[(31 - sum(USCC.index(c) * pow(3, i, 31) for i, c in enumerate(body))) % 31]


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from(["110000", "440000", "810000", "330000"])) + draw(st.dates()).strftime("%m%d")
    body = body[:6] + str(draw(st.sampled_from([1904, 1960, 2000]))) + body[6:] + f"{draw(st.integers(0, 999)):03d}"
    return body + ID_CHECK[sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(body)) % 11]


@st.composite
def vins(draw: st.DrawFn) -> str:
    text = draw(st.text(VIN, min_size=8, max_size=8)), draw(st.text(VIN, min_size=8, max_size=8))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2)
    check = sum(VIN_VALUES[c] * w for c, w in zip("".join(text), weights, strict=True)) % 11
    return text[0] + "0123456789X"[check] + text[1]


@settings(max_examples=6, deadline=None)
@given(uscc_codes())
def test_a_uscc_passes_and_no_single_change_does(code: str) -> None:
    assert _passing("uscc", code, USCC) == {code}


@settings(max_examples=30, deadline=None)
@given(uscc_codes(), st.integers(8, 15))
def test_a_uscc_with_two_neighbours_swapped_fails(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert _ask("uscc", swapped) == (swapped == code)


@settings(max_examples=30, deadline=None)
@given(uscc_codes().filter(lambda code: code[:2].isdigit()))
def test_uscc_agrees_with_python_stdnum_where_the_first_places_are_digits(code: str) -> None:
    assert std_uscc.is_valid(code)
    assert _ask("uscc", code)


@settings(max_examples=6, deadline=None)
@given(id_numbers())
def test_an_id_number_passes_and_no_single_change_does(code: str) -> None:
    assert _passing("id_number", code, "0123456789X") == {code}


@settings(max_examples=30, deadline=None)
@given(id_numbers().filter(lambda code: code[0] != "8"))
def test_id_number_agrees_with_python_stdnum(code: str) -> None:
    assert std_ric.calc_check_digit(code) == code[-1]


@settings(max_examples=30, deadline=None)
@given(st.text(LETTERS, min_size=8, max_size=8).filter(lambda body: body != "0" * 8), st.sampled_from("0123456789X"))
def test_an_organisation_code_has_one_check_digit(body: str, other: str) -> None:
    total = sum(LETTERS.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    right = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    assert _ask("organisation_code", f"{body}-{right}")
    assert _ask("organisation_code", body + other) == (other == right)


@settings(max_examples=6, deadline=None)
@given(vins().filter(lambda code: code.strip("0") != ""))
def test_a_vin_passes_and_no_change_to_a_letter_of_another_value_does(code: str) -> None:
    passing = _passing("vin", code, VIN)
    assert code in passing
    same = {tuple(VIN_VALUES.get(c, 10) for c in other[:8] + other[9:]) for other in passing}
    assert same == {tuple(VIN_VALUES[c] for c in code[:8] + code[9:])}


@settings(max_examples=6, deadline=None)
@given(st.text("0123456789", min_size=2, max_size=19).filter(lambda text: text.strip("0") != ""))
def test_luhn_agrees_with_python_stdnum_and_sees_every_single_change(text: str) -> None:
    code = text + std_luhn.calc_check_digit(text)
    assert _passing("luhn", code, "0123456789") == {code}
    assert _ask("luhn", text) == std_luhn.is_valid(text)


def _ask(name: CheckDigit, code: str) -> bool:
    return bool(pl.select(has_check_digit(name, pl.lit(code))).item())


def _passing(name: CheckDigit, code: str, alphabet: str) -> set[str]:
    """Of ``code`` and every code that differs from it in one place, those that pass."""
    changed = {code[:i] + c + code[i + 1 :] for i in range(len(code)) for c in alphabet}
    frame = pl.DataFrame({"code": sorted(changed)})
    return set(frame.filter(has_check_digit(name, pl.col("code")))["code"].to_list())
