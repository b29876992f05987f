"""Lakes to be kept up: of batches as commits leave them, and of whole runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
from tests.pipelines.cli.conftest import City as Town
from tests.pipelines.cli.conftest import KeptCity, kept_city
from tests.pipelines.cli.conftest import city as town
from tests.pipelines.commit.conftest import City, new_city

__all__ = ["KeptCity", "Town", "kept_city", "new_city", "town"]

COLUMNS = ["observed_at", "station", "pm25_ugm3"]
WRITE = {"mode": "upsert", "key": ["station", "observed_at"], "partition": "day(observed_at)"}


@pytest.fixture
def city(new_city: Callable[[], City]) -> City:
    return new_city()


def reading(day: int, station: str, value: float, microsecond: int = 0) -> dict[str, Any]:
    at = datetime(2026, 3, day, tzinfo=UTC) + timedelta(microseconds=microsecond)
    return {"observed_at": at, "station": station, "pm25_ugm3": value}


def put(city: City, rows: Any, write: Any = WRITE, **more: Any) -> Any:
    return city.commit(city.contract(**write), city.stage(rows, columns=COLUMNS, day_of="observed_at", **more))


def upkeep(city: Any, **options: Any) -> LakeUpkeep:
    """An upkeep of the city's lake; with ``age=timedelta(0)`` nothing is too young."""
    registry = city.registry
    if isinstance(city, City):
        registry.contracts["test.readings"] = city.contract(**WRITE)
    return LakeUpkeep(RunContext(registry, city.lake, Ledger(city.lake), new_run()), **options)


def files(city: Any, place: str) -> int:
    from deltalake import DeltaTable

    return len(DeltaTable(city.lake.path(*place.split("/"))).file_uris())
