"""What the built-in code lists promise: every text leads to one code, on every day."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.model.code_index import code_entries, edition_at
from citylake.schemas.model.code_list import CodeList, CodeValue
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import ALL_PACKS

LISTS = load_registry(ALL_PACKS).codes
LISTED = [LISTS[name] for name in sorted(LISTS) if LISTS[name].values]
REPLACED = date(2026, 3, 1)

of_each = pytest.mark.parametrize("codes", LISTED, ids=[codes.id for codes in LISTED])


@of_each
def test_a_code_stands_once_in_an_edition(codes: CodeList) -> None:
    seen = [(value.code, value.edition, value.valid_from) for value in codes.values]
    assert len(seen) == len(set(seen))


@of_each
def test_successors_are_codes_of_the_list(codes: CodeList) -> None:
    known = {value.code for value in codes.values}
    assert [value.code for value in codes.values if not set(value.successors) <= known - {value.code}] == []


@of_each
def test_a_value_of_an_edition_names_one_that_the_list_has(codes: CodeList) -> None:
    known = {edition.edition for edition in codes.editions}
    assert [value.code for value in codes.values if value.edition and value.edition not in known] == []


@of_each
def test_a_list_says_where_it_comes_from(codes: CodeList) -> None:
    assert codes.standard or codes.note


@of_each
def test_a_list_from_memory_claims_no_standard(codes: CodeList) -> None:
    assert not (codes.standard and "From memory" in (codes.note or ""))


@given(st.sampled_from(LISTED), st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_on_any_day_a_text_means_one_code(codes: CodeList, day: date) -> None:
    meaning: dict[str, str] = {}
    for value in codes.values:
        if _holds(value, day):
            for text in (value.code, value.name.zh, value.name.en, *value.aliases):
                assert meaning.setdefault(text, value.code) == value.code, (codes.id, text)


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_the_edition_of_the_air_quality_classes_is_that_of_the_day(day: date) -> None:
    edition = edition_at(LISTS["air.aqi_class"], day)
    assert edition is not None
    assert edition.edition == ("HJ 633-2012" if day < REPLACED else "HJ 633-2026")


def test_both_editions_name_the_same_six_classes(registry: Registry) -> None:
    values = registry.codes["air.aqi_class"].values
    by_edition = {
        edition: [value.code for value in values if value.edition == edition]
        for edition in ("HJ 633-2012", "HJ 633-2026")
    }
    assert by_edition["HJ 633-2012"] == by_edition["HJ 633-2026"]
    assert by_edition["HJ 633-2026"] == ["优", "良", "轻度污染", "中度污染", "重度污染", "严重污染"]


def test_closed_sets_are_whole(registry: Registry) -> None:
    sizes = {
        "person.ethnic_group": 58,
        "organisation.industry_section": 20,
        "weather.compass16": 17,
        "weather.wind_force": 18,
        "person.gender": 4,
        "service.item_type": 12,
        "noise.zone": 6,
        "water.quality_class": 6,
    }
    assert {name: len(registry.codes[name].values) for name in sizes} == sizes


def test_item_types_leave_room_where_the_standard_does(registry: Registry) -> None:
    ranges = [(each.first, each.last) for each in registry.codes["service.item_type"].extensible]
    assert ranges == [("11", "19"), ("21", "99")]


def test_division_codes_are_the_rows_of_the_register(registry: Registry) -> None:
    table = registry.codes["place.division"].table
    assert table is not None
    assert (table.dataset, table.code, table.successors) == ("place.divisions", "division_code", "successor_codes")


@pytest.mark.parametrize(
    ("codes", "text", "code"),
    [
        ("person.gender", "男", "1"),
        ("person.gender", "F", "2"),
        ("city.region", "临江", "990101"),
        ("traffic.vehicle_class", "小型客车", "K3"),
        ("service.case_type", "投诉", "03"),
        ("water.quality_class", "劣V", "6"),
        ("air.pollutant", "细颗粒物(PM2.5)", "PM2.5"),
        ("general.indicator", "是", "1"),
    ],
)
def test_words_of_real_feeds_are_understood(registry: Registry, codes: str, text: str, code: str) -> None:
    assert {entry.code for entry in code_entries(registry.codes[codes]) if entry.text == text} == {code}


def test_the_national_feed_says_only_known_classes_and_pollutants(registry: Registry, real_data: Path) -> None:
    features = json.loads((real_data / "air_cnemc/all_stations_snapshot.json").read_text("utf-8"))["features"]
    said = [feature["properties"] for feature in features]
    classes = {one["quality"] for one in said} - {"-;", "", "—"}
    named = {name for one in said for name in one["primarypollutant"].split(",")} - {"-;", "", "—"}
    assert classes
    assert classes <= _texts(registry, "air.aqi_class")
    assert named
    assert named <= _texts(registry, "air.pollutant")


def test_the_beijing_record_says_only_known_winds(registry: Registry, real_data: Path) -> None:
    winds = set()
    for path in (real_data / "air_prsa").glob("*.csv"):
        lines = path.read_text("utf-8").splitlines()
        column = lines[0].replace('"', "").split(",").index("wd")
        winds |= {line.split(",")[column].strip('"') for line in lines[1:]}
    assert len(winds) > 16
    assert winds - {"NA"} <= _texts(registry, "weather.compass16")


def test_real_timetables_say_only_known_route_types(registry: Registry, real_data: Path) -> None:
    said = set()
    for path in (real_data / "gtfs").glob("*.zip"):
        with zipfile.ZipFile(path) as feed:
            lines = feed.read("routes.txt").decode("utf-8-sig").splitlines()
        column = lines[0].split(",").index("route_type")
        said |= {line.split(",")[column].strip() for line in lines[1:] if '"' not in line and line}
    assert said
    assert said <= _texts(registry, "transit.route_type")


def _texts(registry: Registry, codes: str) -> set[str]:
    return {entry.text for entry in code_entries(registry.codes[codes])}


def _holds(value: CodeValue, day: date) -> bool:
    return (value.valid_from or date.min) <= day < (value.valid_to or date.max)
