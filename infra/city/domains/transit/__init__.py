"""Public transport: service against timetable, passengers over modes, and vehicles with terminals."""

from __future__ import annotations

from citylake.infra.city.city_keys import city_keys
from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.transit import transit_answers, vehicle_positions, zones

DOMAIN = CityDomain(
    "transit",
    makers=(
        (zones.generate_zones, zones.write_zones_file),
        (vehicle_positions.generate_positions, vehicle_positions.write_position_files),
    ),
    answers=transit_answers.ANSWERS,
    environment=city_keys,
)
