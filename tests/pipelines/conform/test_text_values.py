"""Texts in standard are in one normal form; nothing that nobody sees makes two keys of one."""

from __future__ import annotations

import unicodedata
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.conform.bind.identifier_texts import pad_number
from citylake.pipelines.conform.bind.invisible_characters import escape_invisible, has_invisible, visible_text

NAME, CODE = "air.station_name", "air.station_code"
INVISIBLE = (
    "\u200b",
    "\ufeff",
    "\u00ad",
    "\u200e",
    "\u202e",
    "\u2060",
    "\x07",
    "\x9b",
    "\u200d",
    "\u200c",
    "\U000e0041",
)


def contract(element: str, **binding: object) -> str:
    words = "".join(f", {key}: {value}" for key, value in binding.items())
    return f"fields: {{v: {{element: {element}, as: v{words}}}}}"


def notices(staged: Any) -> dict[str, Any]:
    return {note.code: note.values for note in staged.notes}


@pytest.mark.parametrize("element", [NAME, CODE])
def test_texts_are_in_nfc(bench: Any, element: str) -> None:
    assert bench.column(contract(element), ["Cafe\u0301", "Caf\u00e9"], "v") == ["Caf\u00e9"] * 2


@pytest.mark.parametrize("invisible", INVISIBLE)
def test_an_identifier_loses_what_nobody_sees_and_it_is_reported(bench: Any, invisible: str) -> None:
    staged = bench.stage(contract(CODE), [{"v": "A1"}, {"v": f"A{invisible}1"}, {"v": f"A1{invisible}"}])
    assert bench.standard(staged)["v"].to_list() == ["A1"] * 3
    told = notices(staged)["INVISIBLE_REMOVED"]
    assert (told["rows"], told["row"]) == (2, 2)
    shown = f"u{ord(invisible):04x}" if ord(invisible) < 0x10000 else f"U{ord(invisible):08x}"
    assert told["sample"] == f"A\\{shown}1"


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\t", "\n"])
def test_an_odd_space_in_an_identifier_is_a_space(bench: Any, space: str) -> None:
    assert bench.column(contract(CODE), [f"A{space}1", f"A1{space}"], "v") == ["A 1", "A1"]


def test_a_text_keeps_what_it_has_and_it_is_reported(bench: Any) -> None:
    staged = bench.stage(contract(NAME), [{"v": "1 High\u200b St"}, {"v": "line\nline"}, {"v": "می\u200cشود"}])
    assert bench.standard(staged)["v"].to_list() == ["1 High\u200b St", "line\nline", "می\u200cشود"]
    assert notices(staged)["INVISIBLE_KEPT"]["rows"] == 1


def test_a_column_of_the_key_loses_them_whatever_its_element(bench: Any) -> None:
    keyed = contract(NAME) + "\nwrite: {mode: upsert, key: [v]}"
    staged = bench.stage(keyed, [{"v": "A\u200b"}, {"v": "A"}])
    assert (staged.counts.standard, staged.counts.quarantined + staged.counts.duplicates) == (1, 1)


def test_a_binding_may_refuse_or_keep_them(bench: Any) -> None:
    rows = [{"v": "A1"}, {"v": "A1\u200b"}]
    refused = bench.stage(contract(CODE, invisible="refuse"), rows)
    assert bench.reasons(refused) == {2: [("INVISIBLE_REFUSED", "v")]}
    (reason,) = bench.quarantine(refused)["reasons"][0].to_list()
    assert reason["value"] == "A1\\u200b"
    assert "A1\u200b" in bench.quarantine(refused)["raw"][0]
    assert bench.column(contract(CODE, invisible="keep"), ["A1\u200b"], "v") == ["A1\u200b"]


def test_a_code_is_found_whatever_its_normal_form_and_invisible_characters(bench: Any) -> None:
    words = contract("traffic.direction", codes="{Cafe\u0301: '1'}")
    assert bench.column(words, ["Caf\u00e9", "Cafe\u0301\u200b"], "v") == ["1"] * 2


@pytest.mark.parametrize("text", ["1.10100E+17", "1E+05", "1.23e17", "2,5E+10", "6.4579816E7"])
def test_scientific_notation_is_no_identifier(bench: Any, text: str) -> None:
    assert bench.reasons(bench.stage(contract(CODE), [{"v": text}])) == {1: [("IDENTIFIER_SCIENTIFIC", "v")]}


def test_a_code_with_a_hyphen_is_no_number(bench: Any) -> None:
    assert bench.column(contract(CODE), ["150E-423"], "v") == ["150E-423"]


def test_what_may_be_a_code_or_a_number_is_kept_and_reported(bench: Any) -> None:
    staged = bench.stage(contract(CODE), [{"v": "1E10"}, {"v": "12E3"}])
    assert staged.counts.standard == 2
    assert notices(staged)["IDENTIFIER_PERHAPS_SCIENTIFIC"]["rows"] == 1


def test_one_number_in_several_spellings_is_reported(bench: Any) -> None:
    staged = bench.stage(contract(CODE), [{"v": text} for text in ("0012", "12", "12.0", "0013", "A7")])
    told = notices(staged)["IDENTIFIER_SPELLINGS"]
    assert (told["number"], told["sample"], told["digits"]) == (1, "0012, 12, 12.0", 4)


def test_numbers_of_one_spelling_are_not_reported(bench: Any) -> None:
    assert not bench.stage(contract(CODE), [{"v": text} for text in ("0012", "0013", "A7")]).notes


@pytest.mark.parametrize(("digits", "expected"), [(4, ["0012"] * 3 + ["A7"]), (1, ["12"] * 3 + ["A7"])])
def test_pad_makes_one_spelling_of_several(bench: Any, digits: int, expected: list[str]) -> None:
    staged = bench.stage(contract(CODE, pad=digits), [{"v": text} for text in ("0012", "12", "12.0", "A7")])
    assert bench.standard(staged)["v"].to_list() == expected
    assert not staged.notes


@pytest.mark.parametrize("text", ["人民\ufffd路", "锟斤拷", "CafÃ©", "itâ€™s"])
def test_damaged_texts_of_any_format_are_reported(bench: Any, text: str) -> None:
    staged = bench.stage(contract(NAME), [{"v": "好"}, {"v": text}])
    assert notices(staged)["TEXT_DAMAGED"] == {"file": "0.csv", "row": 2, "near": text}


@given(st.lists(st.text(max_size=12), max_size=8))
def test_visible_text_is_in_nfc_and_has_nothing_invisible(texts: list[str]) -> None:
    frame = pl.DataFrame({"v": texts}, schema={"v": pl.String})
    cleaned = frame.select(visible_text(pl.col("v"), remove=True))
    assert not cleaned.select(has_invisible(pl.col("v"), identifier=True)).to_series().any()
    kept = frame.select(visible_text(pl.col("v"), remove=False))["v"].to_list()
    assert kept == [unicodedata.normalize("NFC", text) for text in texts]


@given(st.text(alphabet="ab\u200b\u00a0\u200d\x00\n", max_size=20))
def test_an_escaped_text_is_printable(text: str) -> None:
    assert pl.select(escape_invisible(pl.lit(text))).item().isprintable()


@given(st.integers(0, 10**12), st.integers(0, 5), st.integers(1, 20))
def test_padding_keeps_the_number(number: int, zeros: int, digits: int) -> None:
    (padded,) = pl.select(pad_number(pl.lit("0" * zeros + str(number)), digits)).to_series().to_list()
    assert int(padded) == number
    assert padded == str(number).zfill(digits)
