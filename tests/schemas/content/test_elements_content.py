"""What the built-in data elements promise to every contract that binds them."""

from __future__ import annotations

import re
from collections import Counter
from math import log10

import pytest

from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.element import DataElement
from citylake.schemas.notation import parse_format
from citylake.schemas.read.registry import Registry
from citylake.schemas.units import resolve_unit, unit_conversion

SUBJECTS = {
    "place", "time", "organisation", "person", "service", "traffic", "transit", "air", "weather", "water", "noise",
    "energy", "facility",
}  # fmt: skip

# Bound by contracts and marts by name: a change here breaks them.
SYMBOLS = {
    "place.region_code": "region_code",
    "place.division_code": "division_code",
    "place.longitude": "longitude_deg",
    "place.latitude": "latitude_deg",
    "time.observed_at": "observed_at",
    "time.hour_start": "hour_start",
    "air.station_code": "station_code",
    "air.pm25": "pm25_ugm3",
    "air.pm25_24h": "pm25_24h_ugm3",
    "air.co": "co_mgm3",
    "air.co_24h": "co_24h_mgm3",
    "air.o3_8h_24h": "o3_8h_24h_ugm3",
    "air.published_aqi": "published_aqi",
    "weather.air_temperature": "air_temperature_degc",
    "weather.wind_speed": "wind_speed_ms",
    "weather.pressure": "pressure_hpa",
    "traffic.flow": "flow_veh",
    "traffic.mean_speed": "mean_speed_kmh",
    "traffic.occupancy": "occupancy_pct",
    "traffic.travel_time": "travel_time_s",
    "transit.arrival_time": "arrival_s",
    "transit.departure_time": "departure_s",
    "organisation.uscc": "uscc",
}


@pytest.fixture
def elements(registry: Registry) -> list[DataElement]:
    assert registry.invalid == []
    return list(registry.elements.values())


def test_every_subject_has_elements_and_there_are_enough(elements: list[DataElement]) -> None:
    assert {element.id.split(".")[0] for element in elements} >= SUBJECTS
    assert len(elements) >= 150


def test_ids_that_contracts_name_keep_their_symbols(registry: Registry) -> None:
    assert {id_: registry.elements[id_].symbol for id_ in SYMBOLS} == SYMBOLS


def test_no_two_elements_share_a_symbol(elements: list[DataElement]) -> None:
    assert _repeated(element.symbol for element in elements) == []


def test_definitions_are_said_in_both_languages_and_once(elements: list[DataElement]) -> None:
    for language in ("zh", "en"):
        said = [element.definition.say(language) for element in elements]
        assert _repeated(said) == []
        assert [one for one in said if len(one) < 4] == []


def test_a_definition_is_more_than_the_name(elements: list[DataElement]) -> None:
    same = [e.id for e in elements if {e.definition.zh, e.definition.en} & {e.name.zh, e.name.en}]
    assert same == []


def test_names_are_unique_in_each_language(elements: list[DataElement]) -> None:
    assert _repeated(element.name.zh for element in elements) == []
    assert _repeated(element.name.en for element in elements) == []


def test_chinese_is_chinese_and_english_is_english(elements: list[DataElement]) -> None:
    texts: list[LocalizedText] = [text for element in elements for text in (element.name, element.definition)]
    assert [text.zh for text in texts if not re.search("[一-龥]", text.zh)] == []
    assert [text.en for text in texts if re.search("[一-龥]", text.en)] == []


def test_every_code_element_has_a_list_that_exists(registry: Registry, elements: list[DataElement]) -> None:
    coded = [element for element in elements if element.representation == "code"]
    assert [element.id for element in coded if element.codes not in registry.codes] == []
    assert [e.id for e in elements if e.codes and e.representation != "code"] == []


def test_every_code_fits_the_format_and_pattern_of_its_elements(
    registry: Registry, elements: list[DataElement]
) -> None:
    for element in elements:
        if element.codes is None:
            continue
        length = parse_format(element.format or "")
        for value in registry.codes[element.codes].values:
            assert (length.min_length or 0) <= len(value.code) <= (length.max_length or 1000), (element.id, value.code)
            assert re.search(element.pattern or "", value.code), (element.id, value.code)


def test_every_quantity_amount_and_share_has_a_unit_that_the_table_knows(elements: list[DataElement]) -> None:
    measured = [e for e in elements if e.representation in ("quantity", "amount", "percent", "ratio")]
    assert [element.id for element in measured if not element.unit] == []
    assert [element.id for element in measured if resolve_unit(element.unit or "") != element.unit] == []


def test_only_measured_things_have_units_and_ranges(elements: list[DataElement]) -> None:
    plain = [e for e in elements if e.representation not in ("quantity", "amount", "percent", "ratio")]
    assert [element.id for element in plain if element.unit or element.range] == []


def test_identifiers_are_text(elements: list[DataElement]) -> None:
    numbers = [element for element in elements if element.representation in ("number", "code")]
    assert [element.id for element in numbers if element.type != "string"] == []


def test_formats_are_readable(elements: list[DataElement]) -> None:
    for element in elements:
        assert element.format, element.id
        parse_format(element.format)


def test_a_range_fits_its_format(elements: list[DataElement]) -> None:
    for element in elements:
        if element.range is None:
            continue
        low, high = element.range
        assert low is None or high is None or low < high, element.id
        digits, scale = _digits(element)
        for bound in (low, high):
            needed = 1 if not bound else int(log10(abs(bound))) + 1
            assert needed <= digits - scale, element.id


def test_patterns_are_anchored_regular_expressions(elements: list[DataElement]) -> None:
    for element in elements:
        if element.pattern:
            re.compile(element.pattern)
            assert element.pattern[0] + element.pattern[-1] == "^$", element.id


def test_gases_convert_to_the_mass_of_their_volume(registry: Registry) -> None:
    per_ppb = {"so2": 2.6186, "no2": 1.8804, "o3": 1.9619, "no": 1.2265}
    for name, factor in per_ppb.items():
        gas = registry.elements[f"air.{name}"].gas
        assert unit_conversion("[ppb]", "ug/m3", gas).factor == pytest.approx(factor, abs=1e-4)
    assert unit_conversion("[ppm]", "mg/m3", registry.elements["air.co"].gas).factor == pytest.approx(1.1449, abs=1e-4)


def test_personal_information_is_never_open(elements: list[DataElement]) -> None:
    personal = [element for element in elements if element.sensitivity.personal != "none"]
    assert len(personal) >= 15
    assert [e.id for e in personal if e.sensitivity.openness == "open" or e.sensitivity.grade == "L1"] == []


def test_relations_lead_to_elements(registry: Registry, elements: list[DataElement]) -> None:
    unknown = [
        (element.id, relation.element)
        for element in elements
        for relation in element.relations
        if relation.element not in registry.elements
    ]
    assert unknown == []


def test_indicators_say_what_their_two_values_mean(elements: list[DataElement]) -> None:
    indicators = [element for element in elements if element.representation == "indicator"]
    assert [e.id for e in indicators if e.type != "boolean" or "true" not in (e.note or "")] == []


def test_nobody_claims_a_standard_that_was_not_read(elements: list[DataElement]) -> None:
    unread = ("36625", "39666", "30428", "GA/T", "CJJ", "JTG")
    assert [e.id for e in elements if any(name in (e.source or "") for name in unread)] == []


def _digits(element: DataElement) -> tuple[int, int]:
    found = re.fullmatch(r"n\.\.(\d+)(?:,(\d+))?", element.format or "")
    assert found, element.id
    return int(found[1]), int(found[2] or 0)


def _repeated(values: object) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]  # type: ignore[call-overload]
