"""``refuse: value`` and ``flag``: a bad value is refused alone, its row stays, and nothing is null in silence."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.records import ConformedBatch
from tests.pipelines.conform.conftest import Bench
from tests.thorough import examples

GASES = """
fields:
  st: {element: air.station_code, required: true}
  no2: {element: air.no2, unit: ug/m3, refuse: value}
  o3: {element: air.o3, unit: ug/m3, refuse: value}
"""
FLAGS = """
fields:
  st: {element: air.station_code, required: true}
  o3: {element: air.o3, unit: ug/m3, REFUSE, flag: {from: q, accept: [V, E], refuse: [N], names: {E: estimated}}}
"""
BY_VALUE = FLAGS.replace("REFUSE", "refuse: value")
BY_ROW = FLAGS.replace("REFUSE", "refuse: row")


def values(bench: Bench, staged: ConformedBatch) -> pl.DataFrame:
    """The records of refused values."""
    found = bench.quarantine(staged)
    return found.filter(pl.col("refused").is_not_null()) if found.height else found


def test_a_bad_value_is_null_named_and_recorded_and_its_row_stays(bench: Bench) -> None:
    staged = bench.stage(GASES, [{"st": "A1", "no2": "40", "o3": "bad"}, {"st": "A1", "no2": "41", "o3": "60"}])
    rows = bench.standard(staged)
    assert rows["no2_ugm3"].to_list() == [40.0, 41.0]
    assert rows["o3_ugm3"].to_list() == [None, 60.0]
    assert rows["_refused"].to_list() == ["o3_ugm3", None]
    (record,) = values(bench, staged).to_dicts()
    assert (record["_row"], record["refused"], record["codes"]) == (1, ["o3_ugm3"], ["VALUE_UNREADABLE"])
    assert record["raw"] == '{"st":"A1","no2":"40","o3":"bad"}'
    assert [reason["value"] for reason in record["reasons"]] == ["bad"]
    assert (staged.counts.standard, staged.counts.quarantined, staged.counts.values_refused) == (2, 0, 1)
    assert staged.issues == {"VALUE_UNREADABLE": 1}


def test_a_row_that_is_refused_lists_its_bad_values_too(bench: Bench) -> None:
    staged = bench.stage(GASES, [{"st": None, "no2": "40", "o3": "bad"}])
    assert bench.reasons(staged) == {1: [("VALUE_UNREADABLE", "o3_ugm3"), ("REQUIRED_MISSING", "station_code")]}
    assert bench.quarantine(staged)["refused"].to_list() == [None]
    assert staged.counts.values_refused == 0


@pytest.mark.parametrize(
    ("flag", "value", "kept", "code"),
    [
        ("V", 77.0, "V", None),
        (" E ", 77.0, "estimated", None),
        ("", 77.0, None, None),
        (None, 77.0, None, None),
        ("N", None, "N", "FLAG_REFUSED"),
        ("X", None, "X", "FLAG_UNKNOWN"),
    ],
)
def test_a_flag_refuses_its_value_or_stands_beside_it(
    bench: Bench, flag: str | None, value: float | None, kept: str | None, code: str | None
) -> None:
    staged = bench.stage(BY_VALUE, [{"st": "A1", "o3": "77", "q": flag}])
    assert bench.standard(staged).select("o3_ugm3", "o3_ugm3_flag").row(0) == (value, kept)
    assert list(staged.issues) == [code] * bool(code)
    by_row = bench.stage(BY_ROW, [{"st": "A1", "o3": "77", "q": flag}])
    assert by_row.counts.quarantined == bool(code)


def test_without_a_value_a_flag_refuses_nothing(bench: Bench) -> None:
    staged = bench.stage(BY_VALUE, [{"st": "A1", "o3": "", "q": "N"}])
    assert bench.standard(staged).select("o3_ugm3", "o3_ugm3_flag", "_refused").row(0) == (None, "N", None)
    assert staged.issues == {}


def test_a_rule_can_refuse_values_and_rules_over_refused_values_are_unknown(bench: Bench) -> None:
    contract = (
        GASES
        + """
rules:
  - {issue: O3_ABOVE_NO2, when: "o3_ugm3 > 2 * no2_ugm3", refuse: [o3_ugm3], text: {zh: 高, en: high}}
  - {issue: O3_MISSING, when: "o3_ugm3 IS NULL", text: {zh: 缺, en: missing}}
  - {issue: NO2_MISSING, when: "no2_ugm3 IS NULL", severity: warning, text: {zh: 缺, en: missing}}
"""
    )
    rows = [("40", "90"), ("bad", "90"), ("40", ""), ("40", "50")]
    staged = bench.stage(contract, [{"st": "A1", "no2": no2, "o3": o3} for no2, o3 in rows])
    good = bench.standard(staged)
    assert good.select("_row", "o3_ugm3", "_refused", "_warnings").rows() == [
        (1, None, "o3_ugm3", None),
        (2, 90.0, "no2_ugm3", None),
        (4, 50.0, None, None),
    ]
    assert bench.reasons(staged)[3] == [("O3_MISSING", "o3_ugm3")]
    assert values(bench, staged)["codes"].to_list() == [["O3_ABOVE_NO2"], ["VALUE_UNREADABLE"]]


def test_a_pair_of_coordinates_is_refused_together(bench: Bench) -> None:
    contract = """
fields:
  lon: {element: place.longitude, refuse: value, pair: lat}
  lat: {element: place.latitude, refuse: value, pair: lon}
"""
    staged = bench.stage(contract, [{"lon": "116", "lat": "95"}, {"lon": "", "lat": "40"}, {"lon": "116", "lat": "40"}])
    rows = bench.standard(staged)
    lon, lat = rows.columns[:2]
    assert rows[lon].to_list() == rows[lon].to_list() == [None, None, 116.0]
    assert rows[lat].to_list() == [None, None, 40.0]
    assert rows["_refused"].to_list() == [f"{lon},{lat}", f"{lon},{lat}", None]
    assert values(bench, staged)["codes"].to_list() == [["VALUE_OUT_OF_RANGE"], ["PAIR_INCOMPLETE"]]


def test_rows_of_one_key_are_compared_as_without_refused_values(bench: Bench) -> None:
    contract = GASES + "write: {mode: upsert, key: [station_code]}\n"
    rows = [("A1", "bad"), ("A1", "9"), ("A2", "bad"), ("A2", "bad"), ("A3", "1")]
    staged = bench.stage(contract, [{"st": code, "no2": "1", "o3": o3} for code, o3 in rows])
    assert bench.standard(staged).select("_row", "_refused").rows() == [(1, "o3_ugm3"), (3, "o3_ugm3"), (5, None)]
    assert (staged.counts.quarantined, staged.counts.duplicates, staged.counts.values_refused) == (1, 1, 2)
    assert values(bench, staged)["_row"].to_list() == [1, 3]


READINGS = st.sampled_from(["", "12", "12.5", "bad", "-9", "1e9", "<3", None])


@settings(max_examples=examples(10, 30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"st": st.sampled_from(["A1", "A2", ""]), "no2": READINGS, "o3": READINGS})))
def test_every_value_is_standard_refused_or_in_a_quarantined_row(bench: Bench, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    staged = bench.stage(GASES, rows)
    good = {row["_row"]: row for row in bench.standard(staged).iter_rows(named=True)}
    told = {row["_row"]: row for row in bench.quarantine(staged).iter_rows(named=True)}
    for number, row in enumerate(rows, 1):
        for field, column in (("no2", "no2_ugm3"), ("o3", "o3_ugm3")):
            if number in good and row[field] and good[number][column] is None:
                assert column in (good[number]["_refused"] or "").split(",")
                assert column in told[number]["refused"]
                assert row[field] in [reason["value"] for reason in told[number]["reasons"]]
            elif number not in good:
                assert told[number]["refused"] is None


def test_a_rule_that_refuses_an_absent_column_refuses_no_row(bench: Bench) -> None:
    contract = """
fields:
  no2: {element: air.no2, unit: ug/m3}
  o3: {element: air.o3, unit: ug/m3, optional: true}
rules: [{issue: NO2_HIGH, when: "no2_ugm3 > 10", refuse: [o3_ugm3], text: {zh: 高, en: high}}]
"""
    assert bench.stage(contract, [{"no2": "40"}]).counts.standard == 1
    staged = bench.stage(contract, [{"no2": "40", "o3": "1"}])
    assert bench.standard(staged).select("no2_ugm3", "o3_ugm3", "_refused").row(0) == (40.0, None, "o3_ugm3")
