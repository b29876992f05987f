"""A version that takes rows from the one before holds what a version made of the curated tables alone holds."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb
from citylake.pipelines.marts.publish import mart_file
from citylake.pipelines.marts.publish.previous_version import PreviousVersion
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.read.mart_reader import query_mart
from tests.kept_folder import KeptFolder
from tests.thorough import examples
from tests.wrong_clock import clock_off_by

FIRST = date(2026, 2, 26)
DAYS = st.integers(0, 5).map(lambda n: FIRST + timedelta(n))
VALUES = st.dictionaries(st.sampled_from("abc"), st.floats(-1, 90, width=16), max_size=3)
"""A negative value makes a version that is held."""
READINGS = st.tuples(st.just("readings"), DAYS, VALUES)
STATIONS = st.tuples(st.just("stations"), st.dictionaries(st.sampled_from("abc"), st.sampled_from("甲乙"), min_size=1))
STEPS = st.lists(st.one_of(READINGS, READINGS, STATIONS, st.just(("publish",))), min_size=2, max_size=7)
TABLES = ("summary", "station_day", "station_hour")


@settings(max_examples=examples(5, 14), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_changes_in_whatever_order_a_version_is_what_a_full_one_would_be(make_city: Any, steps: Any) -> None:
    with TemporaryDirectory() as folder:
        city = make_city(Path(folder))
        for step in (*steps, ("publish",)):
            if step[0] == "publish":
                published(city)
            else:
                getattr(city, step[0])(*step[1:])


def published(city: Any) -> Any:
    """A new version, and that its rows and their order are those of a full one."""
    registry = city.registry
    done = publish_mart(build_mart(registry.marts["air"], registry, city.lake), registry, city.lake)
    if done.status == "published":
        full = whole(city, registry)
        assert {name: query_mart(city.lake, "air", f"FROM {name}")[1] for name in TABLES} == full
    return done


def whole(city: Any, registry: Any) -> dict[str, list[tuple[Any, ...]]]:
    with open_mart_duckdb(city.lake, "Asia/Shanghai") as connection:
        mart = registry.marts["air"]
        versions = {name: delta_version(city.lake, city.lake.curated("air", name)) for name in mart.tables}
        mart_file.copy_curated_tables(connection, mart, registry, city.lake, versions, ":memory:")
        return {name: connection.execute(f"FROM out.{name}").fetchall() for name in TABLES}


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The days that were read anew, table by table."""
    found: list[Any] = []
    real = PreviousVersion.changed

    def changed(self: PreviousVersion, table: str) -> Any:
        found.append((table, real(self, table)))
        return found[-1][1]

    monkeypatch.setattr(PreviousVersion, "changed", changed)
    return found


def test_only_days_that_changed_are_read_from_the_curated_tables(small_city: Any, spied: list[Any]) -> None:
    for n in range(4):
        small_city.readings(FIRST + timedelta(n), {"a": 1.0})
    published(small_city)
    assert spied == []
    small_city.readings(FIRST + timedelta(2), {"a": 5.0, "b": 1.0})
    published(small_city)
    touched = {FIRST + timedelta(2)}
    assert dict(spied) == {"summary": None, "station_day": touched | {FIRST + timedelta(3)}, "station_hour": touched}


def test_what_changed_while_a_version_was_held_is_in_the_next_one(small_city: Any) -> None:
    small_city.readings(FIRST, {"a": 1.0})
    small_city.readings(FIRST + timedelta(1), {"a": 1.0})
    published(small_city)
    small_city.readings(FIRST, {"a": -1.0, "b": 2.0})
    assert published(small_city).status == "held"
    small_city.readings(FIRST + timedelta(1), {"a": -2.0})
    assert published(small_city).status == "held"
    small_city.readings(FIRST, {"b": 2.0})
    small_city.readings(FIRST + timedelta(1), {"a": 3.0})
    assert published(small_city).status == "published"


@pytest.mark.parametrize("clock", [timedelta(), timedelta(days=1), timedelta(days=-1)])
def test_a_curated_table_that_was_made_anew_is_read_whole(small_city: Any, spied: list[Any], clock: timedelta) -> None:
    small_city.readings(FIRST, {"a": 1.0})
    small_city.readings(FIRST + timedelta(1), {"a": 1.0})
    with clock_off_by(clock):
        published(small_city)
    shutil.rmtree(small_city.lake.curated("air", "station_hour"))
    small_city.readings(FIRST, {"a": 9.0})
    for _ in range(2):
        small_city.readings(FIRST + timedelta(1), {"a": -1.0})
        assert published(small_city).status == "held"
    small_city.readings(FIRST + timedelta(1), {"a": 2.0})
    assert published(small_city).status == "published"
    assert [days for table, days in spied if table == "station_hour"] == [None, None, None]


@pytest.mark.parametrize("spoilt", ["gone", "cut", "altered", "fewer rows"])
def test_a_version_before_that_is_spoilt_is_not_used(kept: KeptFolder, make_city: Any, spoilt: str) -> None:
    def begin() -> None:
        city = make_city(kept.root)
        for n in range(3):
            city.readings(FIRST + timedelta(n), {"a": float(n), "b": 1.0})
        published(city)

    kept.restore(begin)
    city = make_city(kept.root)
    (path,) = Path(city.lake.mart("air")).glob("air-*.duckdb")
    spoil(path, spoilt)
    city.readings(FIRST, {"a": 7.0})
    assert published(city).status == "published"


def spoil(path: Path, how: str) -> None:
    path.chmod(0o644)
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif how == "altered":
        held = bytearray(path.read_bytes())
        held[12_288:] = bytes(255 - each for each in held[12_288:])
        path.write_bytes(bytes(held))
    else:
        import duckdb

        with duckdb.connect(str(path)) as file:
            file.execute("DELETE FROM station_hour WHERE station_code = 'b'")


def test_the_version_before_is_left_as_it_was(small_city: Any) -> None:
    small_city.readings(FIRST, {"a": 1.0})
    path = Path(published(small_city).path)
    before = path.read_bytes()
    small_city.readings(FIRST + timedelta(1), {"a": 2.0})
    published(small_city)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.glob("*.wal")] == []
