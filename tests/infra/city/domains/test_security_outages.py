"""Outages of devices: the mart's SELECT finds each outage that the generator planted, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.security.heartbeats import generate_heartbeats
from citylake.infra.city.domains.security.outages import true_outages
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb

UTC_PLUS_8 = timedelta(hours=8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_planted_outage_is_found_exactly_and_no_other(tmp_path: Path, seed: int) -> None:
    city = City(seed=seed)
    good = [record.fields for record in generate_heartbeats(city).records if record.good]
    beats = [(each["deviceId"], _utc(int(each["ts"] or 0)), "01"[each["state"] == "ON"]) for each in good]
    with open_mart_duckdb(Lake(str(tmp_path)), "Asia/Shanghai") as connection:
        connection.execute("CREATE SCHEMA security")
        connection.execute(
            "CREATE TABLE security.devices (security_device_code TEXT, security_device_class TEXT, region_code TEXT)"
        )
        rows = [(code, when, state, (when + UTC_PLUS_8).date()) for code, when, state in beats]
        columns = ("security_device_code", "observed_at", "device_state", "_day")
        connection.register("beats", pl.DataFrame(rows, schema=columns, orient="row").to_arrow())
        connection.execute("CREATE VIEW security.device_heartbeats AS FROM beats")
        sql = (WHITEPAPER_WORKSPACE / "marts/device_uptime/outage.sql").read_text("utf-8")
        found = connection.execute(f"SELECT device_code, started_at, ended_at FROM ({sql})").fetchall()
    assert sorted(found, key=lambda row: (row[0], row[1])) == sorted(
        (each.device.code, _moment(each.start), each.end and _moment(each.end)) for each in true_outages(city)
    )


def _utc(epoch_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=epoch_ms)


def _moment(local: datetime) -> datetime:
    """The moment of a local time, in whole milliseconds as it is sent."""
    moment = (local - UTC_PLUS_8).replace(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
