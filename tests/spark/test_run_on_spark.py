"""``citylake run`` takes raw files to a published mart with tables on an endpoint: the rows are those of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.marts.spark.engine_choice import AUTO, REMOTE
from tests.spark.running import TABLES, RunningCity

DAYS = {
    "first": ("S1,2026-03-02 10:00,41.5",),
    "second day": ("S1,2026-03-03 08:00,7", "S3,2026-03-03 09:00,8.5"),
    "late": ("S2,2026-03-01 09:00,12.5", "S1,2026-03-02 10:00,40.5"),
}
"""What each delivery adds to the files that are there; the last corrects earlier days."""
ON_SPARK = {"station_day", "station_total"}


def _story(city: RunningCity) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, lines in DAYS.items():
        city.deliver(name, *lines)
        yield name, city.mart()


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Delivery → what the run says of the mart, and the published rows."""
    city = RunningCity.made(tmp_path_factory.mktemp("duckdb"), "duckdb", sized="duckdb")
    return {name: (told, city.published()) for name, told in _story(city)}


@pytest.mark.parametrize("server", ["sail", "apache_spark"])
def test_each_delivery_publishes_what_duckdb_publishes(
    server: str,
    on_duckdb: dict[str, Any],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(REMOTE, request.getfixturevalue(server))
    monkeypatch.setenv(AUTO, "20GB")
    caplog.set_level("INFO", "citylake.pipelines.marts.spark")
    city = RunningCity.made(tmp_path, "spark")
    for name, told in _story(city):
        wanted, rows = on_duckdb[name]
        assert told["status"] == "published", str(told["problems"])
        assert told["days"] == wanted["days"], "the same days are built"
        assert city.published() == rows
    assert on_duckdb["second day"][0]["days"]["station_day"] == ["2026-03-03"]
    assert on_duckdb["late"][0]["days"]["station_hour"] == ["2026-03-01", "2026-03-02"]
    assert _on_spark(caplog) == ON_SPARK

    caplog.clear()
    assert city.mart("--mart", "air")["status"] == "unchanged"
    monkeypatch.setenv(AUTO, "1")
    assert city.call("run", "--mart", "air", "--rebuild")[1]["marts"][0]["status"] == "published"
    assert city.published() == on_duckdb["late"][1]
    assert _on_spark(caplog) == {*ON_SPARK, "city_day"}, "auto takes Spark from the size on"


def _on_spark(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {name for name in TABLES if f"mart.air.{name} runs on sc://" in caplog.text}


def test_mart_publish_needs_the_endpoint_for_what_changed_only(
    sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REMOTE, sail)
    city = RunningCity.made(tmp_path, "spark")
    assert city.mart()["status"] == "published"
    monkeypatch.setenv(REMOTE, "sc://127.0.0.1:1")
    code, told = city.call("mart", "publish", "air")
    assert code == 0, told
