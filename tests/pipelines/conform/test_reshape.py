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
