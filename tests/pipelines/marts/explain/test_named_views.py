"""Names stand beside codes, and local times beside moments, the same in whatever zone and tool the file is opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from tests.pipelines.marts.explain.conftest import D1, D2

HOURS = "SELECT station_code, hour_start_local, day FROM named.station_hour ORDER BY ALL"
LOCAL = [
    ("a", datetime(2026, 2, 16, 12), D1),
    ("a", datetime(2026, 2, 28, 12), D2),
    ("b", datetime(2026, 2, 16, 12), D1),
]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC", "Pacific/Kiritimati"])
def test_local_hours_and_days_are_the_same_in_every_zone(published: Any, zone: str) -> None:
    assert published.ask(HOURS, zone) == LOCAL


def test_the_views_work_whatever_the_file_is_called_by_who_opens_it(published: Any) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{published.path}' AS other (READ_ONLY)")
        found = connection.execute(HOURS.replace("named.", "other.named.")).fetchall()
        connection.execute("CREATE SCHEMA air; CREATE VIEW air.hours AS FROM other.named.station_hour")
        again = connection.execute(HOURS.replace("named.station_hour", "air.hours")).fetchall()
    assert found == again == LOCAL


def test_a_code_has_the_name_of_the_day_and_without_a_day_the_newest(published: Any) -> None:
    hours = "SELECT DISTINCT day, zone_code_zh, zone_code_en FROM named.station_hour ORDER BY day"
    assert published.ask(hours) == [(D1, "老城", "old town"), (D2, "古城", "ancient town")]
    assert published.ask("SELECT zone_code, zone_code_zh FROM named.zones") == [("1", "古城")]


def test_a_view_has_the_rows_of_its_table_and_each_name_beside_its_column(published: Any) -> None:
    assert published.ask("SELECT count(*) FROM named.station_hour") == [(3,)], "two names of a code repeat no row"
    columns = [row[0] for row in published.ask("DESCRIBE named.station_hour")]
    assert columns == [
        "station_code", "station_code_name", "hour_start", "hour_start_local", "day", "zone_code", "zone_code_zh",
        "zone_code_en", "pm25_ugm3",
    ]  # fmt: skip


def test_a_column_of_the_mart_is_never_replaced_by_a_name(fresh: Any) -> None:
    file = fresh.city.root / "marts" / "air" / "mart.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "      pm25_ugm3: {element: air.pm25}\n", "      zone_code_zh: {text: {zh: 自己的, en: own}}\n"
    )
    file.write_text(text, encoding="utf-8")
    (file.parent / "zones.sql").write_text("SELECT DISTINCT zone_code, 'own' AS zone_code_zh FROM station_hour")
    fresh.path = fresh.again().path
    asked = "SELECT zone_code_zh, zone_code_en FROM named.zones"
    assert fresh.ask(asked) == [("own", "ancient town")]
