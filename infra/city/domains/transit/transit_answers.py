"""What the marts must answer, computed from the records and never from a mart."""

from __future__ import annotations

from collections.abc import Mapping

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.transit.vehicle_positions import FAST_KMH
from citylake.infra.city.generate.plant_faults import PlantedBatch


def fast_positions(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Positions faster than the limit."""
    records = batches["transit.vehicle_positions"].records
    return sum(record.good and float(record.fields["speed"] or 0) > FAST_KMH for record in records)


ANSWERS = {"connected_vehicles.fast": fast_positions}
