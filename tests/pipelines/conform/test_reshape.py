"""Wide tables become long, long ones wide, and each record knows the cell it came from."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.schemas.words.errors import CitylakeError

WIDE = """
reshape:
  - unpivot: {keep: [date, hour, type], name: station, value: value}
  - pivot: {keys: [date, hour, station], on: type, value: value, columns: [PM10, CO]}
fields:
  at: {element: time.hour_start, from: [date, hour], join: "{date} {hour}", format: "%Y%m%d %H"}
  station: {element: air.station_code}
  PM10: {element: air.pm10}
  CO: {element: air.co}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""


def cell(kind: str, first: str | None, second: str | None, hour: str = "1") -> dict[str, str | None]:
    return {"date": "20260301", "hour": hour, "type": kind, "1001A": first, "1002A": second}


def test_wide_to_long_to_one_row_a_station_and_hour(bench: Any) -> None:
    staged = bench.stage(WIDE, [cell("PM10", "50", "60"), cell("CO", "0.5", None)])
    rows = bench.standard(staged).sort("station_code")
    assert rows.select("station_code", "pm10_ugm3", "co_mgm3").rows() == [("1001A", 50.0, 0.5), ("1002A", 60.0, None)]
    assert staged.counts.rows_in == 2


def test_a_refused_record_names_its_row_and_column(bench: Any) -> None:
    staged = bench.stage(WIDE, [cell("PM10", "50", "bad"), cell("CO", "0.5", "1")])
    refused = bench.quarantine(staged).row(0, named=True)
    assert (refused["_part"], refused["_row"]) == ("1002A", 1)


def test_two_values_for_one_cell_are_refused(bench: Any) -> None:
    staged = bench.stage(WIDE, [cell("PM10", "50", "60"), cell("PM10", "51", "60")])
    assert [code for codes in bench.quarantine(staged)["codes"].to_list() for code in codes] == ["PIVOT_CONFLICT"]


def test_values_that_the_pivot_does_not_list_are_told(bench: Any) -> None:
    staged = bench.stage(WIDE, [cell("PM10", "50", "60"), cell("NOx", "1", "2")])
    assert [(note.code, note.values["values"]) for note in staged.notes] == [("PIVOT_VALUE_UNLISTED", "NOx (1)")]


NAMED = """
reshape:
  - unpivot: {named: '^readings\\.(?P<measure>\\w+)\\.(?P<region>\\w+)$', value: value}
  - pivot: {keys: [at, region], on: measure, value: value, columns: [pm25, pm10]}
fields:
  at: {element: time.hour_start, format: "%Y-%m-%d %H:%M"}
  region: {element: air.station_code}
  pm25: {element: air.pm25}
  pm10: {element: air.pm10}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""


def test_the_parts_of_a_columns_name_become_fields(bench: Any) -> None:
    wide = {"at": "2026-03-01 01:00", "readings.pm25.east": "5", "readings.pm10.east": "9", "readings.pm25.west": "7"}
    rows = bench.standard(bench.stage(NAMED, [wide])).sort("station_code")
    assert rows.select("station_code", "pm25_ugm3", "pm10_ugm3").rows() == [("east", 5.0, 9.0), ("west", 7.0, None)]


def test_a_table_without_a_column_of_the_pattern_is_held(bench: Any) -> None:
    with pytest.raises(CitylakeError) as raised:
        bench.stage(NAMED, [{"at": "2026-03-01 01:00", "reading": "5"}])
    assert raised.value.code == "MISSING_COLUMN"


def test_a_column_that_does_not_match_the_pattern_is_told(bench: Any) -> None:
    one = NAMED.replace("  - pivot: {keys: [at, region], on: measure, value: value, columns: [pm25, pm10]}\n", "")
    one = one.replace("  pm25: {element: air.pm25}\n  pm10:", "  value:")
    staged = bench.stage(one, [{"at": "2026-03-01 01:00", "readings.pm10.east": "9", "other.pm10": "1"}])
    told = " ".join(str(note.values) for note in staged.notes)
    assert "other.pm10" in told
    assert "readings" not in told


DAYS = """
reshape:
  - unpivot: {named: '^D(?P<day>\\d+)$', value: value}
  - padding: {month: "{year}-{month}", day: day, values: [value]}
sentinels: ["-"]
fields:
  code: {element: air.station_code, required: true}
  at: {element: time.hour_start, from: [year, month, day], join: "{year}-{month}-{day}", format: "%Y-%m-%d"}
  value: {element: air.no2, unit: ug/m3}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""


def month(year: str, number: str, **days: str | None) -> dict[str, str | None]:
    every = {f"D{day:02}": "" for day in range(1, 32)} | {f"D{day:02}": str(day) for day in range(1, 29)}
    return {"code": "A1", "year": year, "month": number, **every, **days}


@pytest.mark.parametrize(
    ("row", "rows"),
    [
        (month("2023", "2"), 28),
        (month("2024", "02"), 29),
        (month("2024", "4"), 30),
        (month("2024", "4", D31="-"), 30),
        (month("2024", "12", D31=None), 31),
    ],
)
def test_days_that_a_month_does_not_have_make_no_rows(bench: Any, row: dict[str, str | None], rows: int) -> None:
    staged = bench.stage(DAYS, [row])
    assert (staged.counts.rows_in, staged.counts.standard) == (rows, rows)
    assert bench.standard(staged)["no2_ugm3"].count() == 28


def test_a_value_on_a_day_that_the_month_does_not_have_is_refused_with_that_reason(bench: Any) -> None:
    staged = bench.stage(DAYS, [month("2024", "4", D31="7")])
    (refused,) = bench.quarantine(staged).to_dicts()
    assert refused["reasons"] == [{"code": "DAY_NOT_IN_MONTH", "field": "day", "value": "7", "detail": "2024-4"}]
    assert staged.counts.standard == 30


def test_a_month_that_cannot_be_read_hides_no_row(bench: Any) -> None:
    staged = bench.stage(DAYS, [month("2024", "April")])
    assert (staged.counts.rows_in, staged.counts.quarantined) == (31, 31)


LONG = """
reshape:
  - pivot: {keys: [code, at], on: gas, value: {value: "{}", flag: "{}_flag"}, columns: [NO2, O3]}
fields:
  code: {element: air.station_code, required: true}
  at: {element: time.hour_start, format: "%Y-%m-%d %H:%M", required: true}
  NO2: {element: air.no2, unit: ug/m3, refuse: value, flag: {from: NO2_flag, accept: [V], refuse: [N]}}
  O3: {element: air.o3, unit: ug/m3, refuse: value, flag: {from: O3_flag, accept: [V], refuse: [N]}}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""


def reading(gas: str, value: str, flag: str) -> dict[str, str | None]:
    return {"code": "A1", "at": "2024-03-01 00:00", "gas": gas, "value": value, "flag": flag}


def test_a_value_and_its_flag_are_pivoted_together(bench: Any) -> None:
    staged = bench.stage(LONG, [reading("NO2", "40", "V"), reading("O3", "77", "N")])
    (row,) = bench.standard(staged).to_dicts()
    assert (row["no2_ugm3"], row["no2_ugm3_flag"], row["o3_ugm3"], row["o3_ugm3_flag"]) == (40.0, "V", None, "N")
    assert row["_refused"] == "o3_ugm3"


def test_two_flags_for_one_value_are_a_conflict(bench: Any) -> None:
    staged = bench.stage(LONG, [reading("NO2", "40", "V"), reading("NO2", "40", "N"), reading("O3", "1", "V")])
    assert bench.quarantine(staged)["codes"].to_list() == [["PIVOT_CONFLICT"]]
    assert staged.issues == {"PIVOT_CONFLICT": 1}


def test_a_padding_can_stand_before_a_pivot(bench: Any) -> None:
    contract = """
reshape:
  - unpivot: {named: '^(?P<kind>[DV])(?P<day>\\d+)$', value: cell}
  - pivot: {keys: [code, year, month, day], on: kind, value: cell, columns: [D, V]}
  - padding: {month: "{year}-{month}", day: day, values: [D]}
fields:
  code: {element: air.station_code, required: true}
  at: {element: time.hour_start, from: [year, month, day], join: "{year}-{month}-{day}", format: "%Y-%m-%d"}
  D: {element: air.no2, unit: ug/m3, refuse: value, flag: {from: V, accept: [V], refuse: [N]}}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""
    cells = {f"{kind}{day:02}": text for day in range(29, 32) for kind, text in (("D", ""), ("V", "N"))}
    row = {"code": "A1", "year": "2024", "month": "4", **cells, "D29": "5", "V29": "V", "D30": "6"}
    staged = bench.stage(contract, [row])
    assert bench.standard(staged).select("no2_ugm3", "_refused").rows() == [(5.0, None), (None, "no2_ugm3")]
    assert staged.counts.rows_in == 2


def test_a_pattern_ignores_fields(bench: Any) -> None:
    contract = 'fields: {v: {element: air.no2, unit: ug/m3}}\nignore: ["note_*", "[x]"]\ndrift: {added: hold}\n'
    row = {"v": "1", "note_a": "x", "note_": "y", "[x]": "z"}
    assert bench.stage(contract, [row]).counts.standard == 1
    with pytest.raises(CitylakeError, match="anote_"):
        bench.stage(contract, [{**row, "anote_": "1"}])
