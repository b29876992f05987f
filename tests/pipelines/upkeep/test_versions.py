from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.publish import mart_leases, publish_version
from citylake.pipelines.read.mart_reader import open_mart, query_mart
from citylake.pipelines.upkeep.version_retention import delete_old_versions
from citylake.schemas.read.workspace import UpkeepSettings as Settings
from tests.kept_folder import KeptFolder
from tests.pipelines.conftest import SmallCity
from tests.pipelines.upkeep.conftest import upkeep
from tests.set_pointer import set_pointer


class Clock(datetime):
    at = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return cls.at


@pytest.fixture
def small_city(kept: KeptFolder, make_city: Callable[[Path], SmallCity], monkeypatch: pytest.MonkeyPatch) -> SmallCity:
    """A city whose mart was published on the first six days of 2026."""
    monkeypatch.setattr(publish_version, "datetime", Clock)
    monkeypatch.setattr(Clock, "at", datetime(2026, 1, 6, tzinfo=UTC))
    kept.restore(lambda: publish_six_days(make_city(kept.root)))
    return SmallCity(kept.root / "workspace", Lake(str(kept.root / "lake")))


def publish_six_days(city: SmallCity) -> None:
    for day in range(1, 7):
        Clock.at = datetime(2026, 1, day, tzinfo=UTC)
        city.readings(date(2026, 3, day), {"a": float(day)})
        built = build_mart(city.registry.marts["air"], city.registry, city.lake)
        assert publish_version.publish_mart(built, city.registry, city.lake).version


@pytest.fixture
def versions(small_city: SmallCity) -> list[str]:
    """The city's versions, oldest first."""
    found = there(small_city)
    assert len(found) == 6
    return found


def there(city: Any) -> list[str]:
    names = (path.name for path in Path(city.lake.mart("air")).glob("air-*.duckdb"))
    return sorted(name.removeprefix("air-").removesuffix(".duckdb") for name in names)


def cleared(city: Any, **settings: Any) -> list[Any]:
    dry_run = settings.pop("dry_run", False)
    return delete_old_versions(upkeep(city).context, "air", Settings(**settings), dry_run=dry_run)


def test_the_newest_versions_are_kept_however_old(small_city: Any, versions: list[str]) -> None:
    assert cleared(small_city, dry_run=True)[0].files_after == 4
    assert there(small_city) == versions
    (told,) = cleared(small_city)
    assert (told.files_before, told.files_after) == (7, 4)
    assert there(small_city) == versions[-3:]
    assert query_mart(small_city.lake, "air", "SELECT count(*) FROM station_hour")[1] == [(6,)]
    assert cleared(small_city) == []
    removed = Ledger(small_city.lake).read("removals")
    assert removed.select("zone", "subject", "name", "files", "retention_days").rows() == [
        ("marts", "air", version, 1, 7) for version in versions[:3]
    ]


def test_young_versions_are_kept(small_city: Any, versions: list[str]) -> None:
    age = (datetime.now(UTC) - datetime(2026, 1, 3, tzinfo=UTC)).days + 1
    cleared(small_city, mart_days=age, mart_versions=2)
    assert there(small_city) == versions[2:]


def test_a_version_that_somebody_has_open_is_kept_until_it_is_closed(
    small_city: Any, versions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from citylake.pipelines.marts.publish import mart_pointer

    now = mart_pointer.read_pointer(small_city.lake, "air")
    assert now
    set_pointer(small_city.lake, _at(now, versions[0]))
    reader = open_mart(small_city.lake, "air")
    set_pointer(small_city.lake, now)
    cleared(small_city)
    assert there(small_city) == [versions[0], *versions[-3:]]
    assert reader.execute("SELECT count(*) FROM station_hour").fetchone() == (1,)
    reader.close()
    cleared(small_city)
    assert there(small_city) == versions[-3:]
    assert not Path(small_city.lake.mart("air"), "leases", versions[0]).exists()


def _at(pointer: Any, version: str) -> Any:
    from dataclasses import replace

    return replace(pointer, version=version, file=f"air-{version}.duckdb")


def test_the_version_that_the_pointer_names_is_kept_whatever_it_is(small_city: Any, versions: list[str]) -> None:
    from citylake.pipelines.marts.publish import mart_pointer

    now = mart_pointer.read_pointer(small_city.lake, "air")
    set_pointer(small_city.lake, _at(now, versions[1]))
    cleared(small_city)
    assert there(small_city) == [versions[1], *versions[-3:]]


def test_an_expired_lease_keeps_nothing_and_goes(
    small_city: Any, versions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mart_leases, "LEASE_DURATION", timedelta(seconds=-1))
    path = mart_leases.acquire_lease(small_city.lake, "air", versions[0])
    assert path
    cleared(small_city)
    assert there(small_city) == versions[-3:]
    assert not Path(path).exists()


def test_what_making_a_version_left_goes_when_it_is_old_and_foreign_files_stay(
    small_city: Any, versions: list[str]
) -> None:
    folder = Path(small_city.lake.mart("air"))
    half, young = folder / ".making-1" / "air-x.duckdb", folder / ".making-2" / "air-y.duckdb"
    for path in (half, young):
        path.parent.mkdir()
        path.touch()
    foreign = folder / "air-mine.duckdb"
    foreign.touch()
    os.utime(half, (time.time() - 8 * 86_400,) * 2)
    cleared(small_city)
    assert (half.exists(), young.exists(), foreign.exists()) == (False, True, True)


def test_curated_tables_stay_as_they_are_and_the_mart_is_unchanged(small_city: Any, versions: list[str]) -> None:
    list(upkeep(small_city, age=timedelta(0)).everything())
    built = build_mart(small_city.registry.marts["air"], small_city.registry, small_city.lake)
    done = publish_version.publish_mart(built, small_city.registry, small_city.lake)
    assert (done.status, done.version) == ("unchanged", versions[-1])
    assert set(built.days.values()) == {()}
