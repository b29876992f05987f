"""Columns of addresses: Chinese and English, each distinct one read once."""

from __future__ import annotations

import polars as pl
import pytest

from citylake.pipelines.address.address_columns import address_key, address_parts, address_text, street_key
from citylake.pipelines.address.street_address import standardise_street_address


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("5500 North Saint Louis Avenue ", "5500 N ST LOUIS AVE"),
        ("5500 N. St. Louis Av", "5500 N ST LOUIS AVE"),
        ("225 North Michigan Avenue Suite E08-100", "225 N MICHIGAN AVE # E08-100"),
        ("225 N MICHIGAN AVE, #E08-100", "225 N MICHIGAN AVE # E08-100"),
        ("5700 S ASHLAND AVE 1ST FL", "5700 S ASHLAND AVE # 1"),
        ("1710-1718 S. Loomis", "1710 S LOOMIS"),
        ("37 W. Forty Street", "37 W FORTY ST"),
        ("100 East Fifth Street", "100 E 5TH ST"),
        ("12 North Avenue", "12 NORTH AVE"),
        ("10400 S. Avenue L", "10400 S AVENUE L"),
        ("431 N.Troy", "431 N TROY"),
        ("1416 Lake Street,\nEvanston", "1416 LAKE ST"),
        ("425 North Prairie Avenue Macomb", "425 N PRAIRIE AVE"),
        ("Hayes Center\n4859 S. Wabash", "4859 S WABASH"),
        ("1001 W ROOSEVELT RD 606", "1001 W ROOSEVELT RD # 606"),
        ("11 E. Adams, Suite 1500", "11 E ADAMS # 1500"),
        ("541 East North Street\nP.O. Box 172", "541 E NORTH ST"),
        ("", ""),
    ],
)
def test_spellings_of_one_english_address_have_one_key(written: str, key: str) -> None:
    assert standardise_street_address(written).key == key
    assert standardise_street_address(key).key == key


def test_a_house_is_the_same_with_and_without_the_type_of_its_street() -> None:
    assert (
        standardise_street_address("1504 S. Albany").house == standardise_street_address("1504 South Albany Av").house
    )


def test_a_town_behind_the_street_is_kept_as_the_rest() -> None:
    found = standardise_street_address("425 North Prairie Avenue Macomb, IL 61455")
    assert (found.key, found.rest) == ("425 N PRAIRIE AVE", "MACOMB IL 61455")
    assert found.text == "425 N PRAIRIE AVE, MACOMB IL 61455"


def test_a_column_keeps_its_rows_and_its_nulls() -> None:
    rows = pl.LazyFrame({"address": ["文三路一百二十号2幢", None, "", "西湖区文三路120号 2栋", "文三路120号"]})
    address = pl.col("address")
    found = rows.select(
        key=address_key(address),
        house=street_key(address),
        text=address_text(address),
        number=address_parts(address).struct.field("number"),
    ).collect()
    assert found.to_dict(as_series=False) == {
        "key": ["文三路120号2幢", None, None, "文三路120号2幢", "文三路120号"],
        "house": ["文三路120号", None, None, "文三路120号", "文三路120号"],
        "text": ["文三路120号2幢", None, None, "西湖区文三路120号2幢", "文三路120号"],
        "number": ["120", None, None, "120", "120"],
    }


def test_an_english_column_has_the_parts_of_its_style() -> None:
    rows = pl.DataFrame({"address": ["1 N Ogden Avenue #4", None]})
    (parts, nothing) = rows.select(address_parts(pl.col("address"), "en"))["address"]
    assert parts == {
        "number": "1",
        "direction": "N",
        "street": "OGDEN",
        "kind": "AVE",
        "suffix": None,
        "unit": "4",
        "rest": None,
    }
    assert nothing is None or set(nothing.values()) == {None}


def test_a_column_without_any_address_has_none() -> None:
    rows = pl.DataFrame({"address": [None, None]}, schema={"address": pl.String})
    assert rows.select(address_key(pl.col("address")))["address"].to_list() == [None, None]
