"""Bursts of reports: the planted ones and no others, hour by hour, over several cities."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.services.snapshots import TOPICS, generate_snapshots, planted_bursts
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE

_MART = WHITEPAPER_WORKSPACE / "marts" / "event_pulse"
_COLUMNS = "case_category TEXT, region_code TEXT, accepted_at TIMESTAMPTZ"


@pytest.mark.parametrize("seed", [42, 7, 2026])
def test_the_bursts_are_those_that_were_planted(seed: int) -> None:
    city = City(seed)
    planted = {
        (TOPICS[burst.topic], burst.district.code, city.at(burst.hour), burst.hours) for burst in planted_bursts(city)
    }
    assert len(planted) > 5
    assert _found(city) == planted


def _found(city: City) -> set[tuple[str, str, datetime, int]]:
    codes = {burst.district.short: burst.district.code for burst in planted_bursts(city)}
    rows = [
        (TOPICS[fields["tag"] or ""], codes.get(fields["area"] or "", fields["area"]), _moment(fields["ts"]))
        for fields in (record.fields for record in generate_snapshots(city).records if record.good)
    ]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'; CREATE SCHEMA government")
        for table in ("hotline_cases", "snapshots"):
            connection.execute(f"CREATE TABLE government.{table} ({_COLUMNS})")
        connection.executemany("INSERT INTO government.snapshots VALUES (?, ?, ?)", rows)
        connection.execute(f"CREATE TABLE pulse_hour AS {(_MART / 'pulse_hour.sql').read_text('utf-8')}")
        burst = f"SELECT * FROM ({(_MART / 'burst.sql').read_text('utf-8')})"
        asked = f"SELECT case_category, region_code, hour_start::TIMESTAMP, hours FROM ({burst})"
        return {(topic, place, at, hours) for topic, place, at, hours in connection.execute(asked).fetchall()}


def _moment(milliseconds: str | None) -> datetime:
    return datetime.fromtimestamp(int(milliseconds or 0) / 1000, UTC)
