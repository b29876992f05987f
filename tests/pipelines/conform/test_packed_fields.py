"""Parts of fields, factors, words for numbers, signs in other fields: each is read, or its row is refused."""

from __future__ import annotations

from typing import Any

from tests.pipelines.conform.test_bindings import one

SO2 = "so2_ugm3"


def test_a_packed_field_gives_each_part_to_a_binding_of_its_own(bench: Any) -> None:
    contract = """
    fields:
      temperature:
        element: weather.air_temperature
        from: v
        split: {by: ",", part: 0, of: 2}
        factor: 0.1
        unit: Cel
        sentinels: ["+9999"]
      quality: {element: air.station_code, from: v, split: {by: ",", part: 1}}
    """
    staged = bench.stage(contract, [{"v": text} for text in ("+0123,1", "+9999,9", "-0007,5", "", "+0020", "1,2,3")])
    rows = bench.standard(staged)
    assert rows["air_temperature_degc"].to_list() == [12.3, None, -0.7, None]
    assert rows["station_code"].to_list() == ["1", "9", "5", None]
    assert {row: codes[0] for row, codes in bench.reasons(staged).items()} == {
        5: ("PART_MISSING", "air_temperature_degc"),
        6: ("PART_MISSING", "air_temperature_degc"),
    }


def test_a_pattern_names_the_part(bench: Any) -> None:
    split = "{pattern: '^(?P<value>[0-9.]+);(?P<flag>[A-Z])$', group: value}"
    staged = bench.stage(one("air.so2", split=split), [{"v": "1.5;A"}, {"v": "2;x"}])
    assert bench.standard(staged)[SO2].to_list() == [1.5]
    assert bench.reasons(staged) == {2: [("PART_MISSING", SO2)]}


def test_factors_are_decimal_and_round_once(bench: Any) -> None:
    tenths = [f"{number}" for number in range(1, 1000)]
    read = bench.column(one("air.so2", factor="0.1"), tenths, SO2)
    assert read == [float(f"{number}e-1") for number in range(1, 1000)]
    staged = bench.stage(
        "fields: {v: {element: air.so2, unit: ug/m3, factor: {from: f}}}",
        [
            {"v": "123", "f": "0.1"},
            {"v": "3", "f": "0.001"},
            {"v": "5", "f": "x"},
            {"v": "5", "f": None},
            {"v": "5", "f": "0.0"},
        ],
    )
    assert bench.standard(staged)[SO2].to_list() == [12.3, 0.003]
    assert bench.reasons(staged) == {row: [("FACTOR_UNREADABLE", SO2)] for row in (3, 4, 5)}


def test_words_stand_for_numbers_and_unknown_words_are_refused(bench: Any) -> None:
    contract = one("air.so2", decimal='","', words="{Calm: 0, Trace: {value: 0.05, qualifier: T}}")
    staged = bench.stage(contract, [{"v": text} for text in ("Calm", "Trace", "3,5", "Windy")])
    rows = bench.standard(staged)
    assert rows[SO2].to_list() == [0, 0.05, 3.5]
    assert rows[f"{SO2}_qualifier"].to_list() == [None, "T", None]
    assert bench.reasons(staged) == {4: [("VALUE_UNREADABLE", SO2)]}


def test_a_sign_in_another_field_is_kept_and_an_unknown_one_refused(bench: Any) -> None:
    contract = "fields: {v: {element: air.so2, qualifier: {from: f, names: {BDL: '<', OK: ''}}}}"
    flags = [("1", "BDL"), ("2", "OK"), ("3", "?"), ("4", None), ("5", "<"), ("<6", None)]
    staged = bench.stage(contract, [{"v": value, "f": flag} for value, flag in flags])
    rows = bench.standard(staged)
    assert rows[SO2].to_list() == [1, 2, 4, 5, 6]
    assert rows[f"{SO2}_qualifier"].to_list() == ["<", None, None, "<", "<"]
    assert bench.reasons(staged) == {3: [("QUALIFIER_UNKNOWN", SO2)]}


def test_a_sign_that_a_value_has_itself_is_kept_whatever_its_flag_says(bench: Any) -> None:
    contract = "fields: {v: {element: air.so2, qualifier: {from: f, names: {BDL: '<', OK: '', N: ND}}}}"
    given = [
        ("<4", "OK"),
        ("0.01U", "OK"),
        ("0.02 l", None),
        ("0.03 ug/l", None),
        (">3", "BDL"),
        ("<3", "N"),
        ("ND", ">"),
    ]
    staged = bench.stage(contract, [{"v": value, "f": flag} for value, flag in given])
    rows = bench.standard(staged)
    assert rows[SO2].to_list() == [4, 0.01, 0.02, 30, 3]
    assert rows[f"{SO2}_qualifier"].to_list() == ["<", "<", "<", None, "<"]
    assert bench.reasons(staged) == {row: [("QUALIFIER_CONTRADICTS", SO2)] for row in (5, 7)}


def test_a_detection_limit_is_no_value_above_it(bench: Any) -> None:
    contract = "fields: {v: {element: air.so2, qualifier: {from: f, names: {O: '>', OK: '', N: ND}, limit: mdl}}}"
    given = [(None, "O"), (None, "OK"), (None, "N"), ("ND", "OK")]
    staged = bench.stage(contract, [{"v": value, "f": flag, "mdl": "0.5"} for value, flag in given])
    rows = bench.standard(staged)
    assert rows[SO2].to_list() == [None, 0.5, 0.5, 0.5]
    assert rows[f"{SO2}_qualifier"].to_list() == [">", "<", "<", "<"]


def test_a_detection_limit_beside_no_value_is_below_it(bench: Any) -> None:
    contract = "fields: {v: {element: air.so2, qualifier: {limit: mdl}}}"
    given = [("1", "0.5"), ("", "0.5"), ("ND", "0.4"), (None, None)]
    staged = bench.stage(contract, [{"v": value, "mdl": limit} for value, limit in given])
    rows = bench.standard(staged)
    assert rows[SO2].to_list() == [1, 0.5, 0.4, None]
    assert rows[f"{SO2}_qualifier"].to_list() == [None, "<", "<", None]
