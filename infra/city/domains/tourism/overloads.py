"""The true number of hours at whose end more people were in a venue than may be: those that were planted."""

from __future__ import annotations

from collections.abc import Mapping

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.tourism.visits import planted_overloads
from citylake.infra.city.generate.plant_faults import PlantedBatch


def overload_hours(city: City, _: Mapping[str, PlantedBatch]) -> int:
    """The planted overloads; every other hour was kept below the capacity."""
    return len(planted_overloads(city))
