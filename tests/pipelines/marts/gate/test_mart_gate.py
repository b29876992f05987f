"""The gate of marts: what DuckDB cannot bind, what a cast would change, and what the author allows."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.marts.gate.mart_gate import GateResult, MartGate
from citylake.schemas.words.errors import CitylakeError

MART = """
mart: gated
title: {zh: 其他, en: other}
audience: {zh: 分析人员, en: analysts}
tables:
  best:
    title: {zh: 最好, en: best}
    grain: [station_code]
    columns:
      station_code: {element: place.station_code}
      aqi: {element: air.aqi}
"""


def checked(city: Any, select: str) -> GateResult:
    city.mart("gated", MART, {"best": select})
    with MartGate(city.registry) as gate:
        return gate.check(["gated"])


@pytest.mark.parametrize(
    ("select", "line", "said"),
    [
        ("SELECT station_code,\n  aqy AS aqi\nFROM air.readings", 2, '"aqy" not found'),
        ("SELECT station_code, 1 AS aqi\nFROM air.readings\nWHERE medain(pm25_ugm3) > 1", 3, "medain does not exist"),
        ("SELECT station_code, 1 AS aqi\nFROM air.readings\n-- 中文注释\nWHERE pm25_ugm3 > [1]", 4, "Cannot compare"),
    ],
)
def test_what_duckdb_cannot_bind_is_told_at_its_line(small_city: Any, select: str, line: int, said: str) -> None:
    (found,) = checked(small_city, select).findings
    assert (found.code, found.path.name, found.line) == ("MART_SQL_UNBOUND", "best.sql", line)
    assert said in found.say("en")


def test_a_mean_is_never_stored_as_a_whole_number_in_silence(small_city: Any) -> None:
    select = "SELECT\n  station_code,\n  avg(pm25_ugm3) AS aqi\nFROM air.readings GROUP BY 1"
    (found,) = checked(small_city, select).findings
    assert (found.code, found.line) == ("MART_CAST_LOSSY", 3)
    assert "round(aqi)::BIGINT" in found.say("en")
    assert not checked(small_city, select.replace("avg(pm25_ugm3)", "round(avg(pm25_ugm3))::BIGINT")).findings


def test_a_text_is_never_compared_as_a_number_in_silence(small_city: Any) -> None:
    select = "SELECT station_code, 1 AS aqi FROM air.readings\nWHERE {} = 1"
    (found,) = checked(small_city, select.format("station_code")).findings
    assert (found.code, found.line) == ("MART_CAST_IMPLICIT", 2)
    assert not checked(small_city, select.format("station_code::INTEGER")).findings
    assert not checked(small_city, select.format("try_cast(station_code AS INTEGER)")).findings


def test_what_an_author_allows_is_recorded_with_the_reason(small_city: Any) -> None:
    select = (
        "SELECT station_code,\n-- citylake: allow CAST because the index is whole by definition\n"
        "avg(pm25_ugm3) AS aqi FROM air.readings GROUP BY 1"
    )
    found = checked(small_city, select)
    assert found.findings == []
    assert [(each.word, each.why) for each in found.allowed] == [("CAST", "the index is whole by definition")]


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("-- citylake: allow CAST because it was so", "MART_ALLOW_UNUSED"),
        ("-- citylake: allow CAST", "MART_ALLOW_FAULTY"),
        ("-- citylake: allow EVERYTHING because I can", "MART_ALLOW_FAULTY"),
    ],
)
def test_an_allowance_that_allows_nothing_is_reported(small_city: Any, comment: str, code: str) -> None:
    found = checked(small_city, f"{comment}\nSELECT station_code, 1 AS aqi FROM air.readings")
    assert [each.code for each in found.findings] == [code]


def test_a_refused_mart_is_not_built_and_the_finding_is_told(small_city: Any) -> None:
    small_city.mart("gated", MART, {"best": "SELECT station_code, avg(pm25_ugm3) AS aqi FROM air.readings GROUP BY 1"})
    with MartGate(small_city.registry) as gate, pytest.raises(CitylakeError) as caught:
        gate.require("gated")
    assert caught.value.code == "MART_REFUSED"
    assert "MART_CAST_LOSSY" in caught.value.say("en")


def test_sql_reads_no_file_while_it_is_bound(small_city: Any) -> None:
    select = "SELECT station_code, 1 AS aqi FROM air.readings, read_csv('/etc/passwd')"
    assert [each.code for each in checked(small_city, select).findings] == ["MART_SQL_UNBOUND"]
