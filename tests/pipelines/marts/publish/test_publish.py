from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.publish import mart_pointer
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.read.mart_reader import open_mart, query_mart
from citylake.schemas.words.errors import CitylakeError

D1 = date(2026, 2, 28)
D2 = D1 + timedelta(1)


def test_a_published_file_holds_the_tables_and_says_what_they_mean(small_city: Any) -> None:
    small_city.stations({"a": "甲"})
    small_city.readings(D2, {"a": 60.0})
    done = _publish(small_city)
    assert (done.status, done.tables) == ("published", {"summary": 1, "station_day": 1, "station_hour": 1})
    assert done.path == f"{small_city.lake.url}/marts/air/air-{done.version}.duckdb"
    assert _ask(small_city, "SELECT * FROM station_day") == [("a", D2, "甲", 60.0, 60.0, 1)]
    tables = "SELECT comment FROM duckdb_tables() WHERE table_name = 'station_day'"
    assert _ask(small_city, tables) == [("站点日 / station's day",)]
    columns = "SELECT comment FROM duckdb_columns() WHERE table_name = 'station_day' AND column_name = 'pm25_ugm3'"
    said = "细颗粒物浓度 / PM2.5; 细颗粒物浓度的定义 / what PM2.5 is; air.pm25"
    assert set(_ask(small_city, columns)) == {(said,)}, "the table and the view with names"


def test_the_file_says_where_it_comes_from(small_city: Any) -> None:
    small_city.readings(D1, {"a": 60.0})
    small_city.readings(D2, {"a": 60.0})
    done = _publish(small_city)
    row = _ask(small_city, "SELECT mart, version, inputs, editions FROM _mart")[0]
    inputs = {"air.readings": 1, "place.stations": -1}
    assert row == ("air", done.version, inputs, ["HJ 633-2012", "HJ 633-2026"])


def test_an_open_reader_keeps_its_version_while_the_next_is_published(small_city: Any) -> None:
    small_city.readings(D1, {"a": 1.0})
    first = _publish(small_city)
    reader = open_mart(small_city.lake, "air")
    assert reader.execute("SELECT count(*) FROM station_hour").fetchone() == (1,)
    small_city.readings(D2, {"a": 2.0})
    second = _publish(small_city)
    assert second.version > first.version
    assert reader.execute("SELECT count(*) FROM station_hour").fetchone() == (1,)
    assert _ask(small_city, "SELECT count(*) FROM station_hour") == [(2,)]
    reader.close()
    assert Path(first.path).exists()


def test_nothing_new_is_no_new_version(small_city: Any) -> None:
    small_city.readings(D1, {"a": 1.0})
    first, second = _publish(small_city), _publish(small_city)
    assert (second.status, second.version, second.path) == ("unchanged", first.version, first.path)
    assert _files(small_city) == [Path(first.path).name, "current.duckdb", "current.json"]


def test_a_changed_comment_alone_is_a_new_version(small_city: Any) -> None:
    _publish(small_city)
    file = small_city.root / "marts/air/mart.yaml"
    file.write_text(file.read_text().replace("zh: 汇总", "zh: 总表"))
    done = _publish(small_city)
    assert done.status == "published"
    assert done.days["station_day"] == ()


def test_a_version_whose_check_fails_is_held_and_readers_keep_the_one_before(small_city: Any) -> None:
    small_city.readings(D1, {"a": 1.0})
    first = _publish(small_city)
    small_city.readings(D2, {"a": -1.0})
    held = _publish(small_city)
    assert held.status == "held"
    failed = [check for check in held.checks if not check.passed]
    assert [(check.observed, check.expected) for check in failed] == [("1", "0")]
    assert [problem.code for problem in held.problems] == ["MART_CHECK_FAILED"]
    assert _ask(small_city, "SELECT count(*) FROM station_hour") == [(1,)]
    assert _files(small_city) == [Path(first.path).name, "current.duckdb", "current.json"]
    assert _publish(small_city).status == "held"
    small_city.readings(D2, {"a": 1.0})
    assert _publish(small_city).status == "published"


@pytest.mark.parametrize(
    ("select", "check"),
    [
        ("SELECT 'a' AS station_code, 1 AS days FROM range(2)", "summary: unique(station_code)"),
        ("SELECT NULL AS station_code, 1 AS days", "summary: not_null(station_code)"),
    ],
)
def test_the_grain_is_checked(small_city: Any, select: str, check: str) -> None:
    (small_city.root / "marts/air/summary.sql").write_text(select)
    held = _publish(small_city)
    assert held.status == "held"
    assert [each.name for each in held.checks if not each.passed] == [check]


@pytest.mark.parametrize("sql", ["SELECT 'many'", "SELECT count(*) FROM nothing", "SELECT 1 WHERE false"])
def test_a_check_that_is_no_count_is_told(small_city: Any, sql: str) -> None:
    file = small_city.root / "marts/air/mart.yaml"
    file.write_text(file.read_text().replace("SELECT count(*) FROM station_day WHERE pm25_ugm3 < 0", sql))
    with pytest.raises(CitylakeError) as caught:
        _publish(small_city)
    assert caught.value.code == "MART_CHECK_UNREADABLE"


def test_a_version_sorts_after_the_last_also_when_the_clock_went_back(small_city: Any) -> None:
    _publish(small_city)
    future = small_city.lake.path("marts", "air", "air-20991231T235959999999Z.duckdb")
    Path(future).touch()
    assert mart_pointer.next_version(small_city.lake, "air", datetime.now(UTC)) == "21000101T000000000000Z"


def test_the_pointer_is_replaced_whole(small_city: Any) -> None:
    first = _publish(small_city)
    found = json.loads(Path(small_city.lake.path("marts", "air", "current.json")).read_text())
    assert (found["version"], found["timezone"]) == (first.version, "Asia/Shanghai")
    assert not [name for name in _files(small_city) if name.startswith("current.json.")]


def test_readers_can_neither_write_nor_look_outside(small_city: Any) -> None:
    _publish(small_city)
    for sql in ("CREATE TABLE t (a INT)", "SELECT * FROM read_text('/etc/hostname')", "COPY summary TO 'x.csv'"):
        with pytest.raises(CitylakeError) as caught:
            query_mart(small_city.lake, "air", sql)
        assert caught.value.code == "QUERY_NOT_ALLOWED"


def test_a_query_gives_columns_and_rows_in_local_time_and_says_what_is_wrong(small_city: Any) -> None:
    small_city.readings(D1, {"a": 1.0})
    _publish(small_city)
    columns, rows = query_mart(small_city.lake, "air", "SELECT hour_start, hour(hour_start) AS hour FROM station_hour")
    assert columns == ["hour_start", "hour"]
    assert rows[0][0].isoformat() == "2026-02-28T12:00:00+08:00"
    assert rows[0][1] == 12
    with pytest.raises(CitylakeError, match="nothing"):
        query_mart(small_city.lake, "air", "SELECT nothing FROM summary")
    with pytest.raises(CitylakeError, match="weather") as caught:
        query_mart(small_city.lake, "weather", "SELECT 1")
    assert caught.value.code == "MART_NOT_PUBLISHED"


def test_a_lake_behind_a_url_is_published_and_read_the_same_way(small_city: Any) -> None:
    small_city.readings(D1, {"a": 1.0})
    small_city.lake.makedirs(small_city.lake.mart("air"))
    small_city.lake = Lake(f"file://{small_city.lake.url}")
    assert not small_city.lake.local
    first = _publish(small_city)
    assert first.path.startswith("file://")
    assert _ask(small_city, "SELECT station_code FROM station_hour") == [("a",)]
    assert _publish(small_city).status == "unchanged"


def _publish(city: Any) -> Any:
    registry = city.registry
    return publish_mart(build_mart(registry.marts["air"], registry, city.lake), registry, city.lake)


def _ask(city: Any, sql: str) -> list[tuple[Any, ...]]:
    return query_mart(city.lake, "air", sql)[1]


def _files(city: Any) -> list[str]:
    return sorted(path.name for path in Path(city.lake.path("marts", "air")).iterdir() if path.is_file())
