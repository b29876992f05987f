"""A lake with four versions of a mart, made once for the tests of a file."""

from __future__ import annotations

import pytest

from tests.kept_folder import KeptFolder
from tests.pipelines.history.diff.histories import City, delivery, late, sql


def _make(city: City) -> None:
    city.begin()
    city.add_region()
    city.run()
    late(city, 1)
    delivery(city, 1)
    sql(city, 1)


@pytest.fixture
def city(kept: KeptFolder) -> City:
    """Versions: the first, one with late rows, one with a new day, one with another SELECT."""
    found = City(kept.root)
    kept.restore(lambda: _make(found))
    return found
