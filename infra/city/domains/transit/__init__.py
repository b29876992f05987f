"""Public transport: service against timetable, passengers over modes, and vehicles with terminals."""

from __future__ import annotations

from citylake.infra.city.city_keys import city_keys
from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.transit import (
    arrivals,
    card_taps,
    metro_gates,
    service_feed,
    taxi_trips,
    transit_answers,
    vehicle_positions,
    zones,
)

DOMAIN = CityDomain(
    "transit",
    makers=(
        (zones.generate_zones, zones.write_zones_file),
        (vehicle_positions.generate_positions, vehicle_positions.write_position_files),
        (service_feed.generate_trips, service_feed.write_trips),
        (service_feed.generate_times, service_feed.write_times),
        (arrivals.generate_arrivals, arrivals.write_arrival_files),
        (card_taps.generate_taps, card_taps.write_tap_files),
        (metro_gates.generate_gates, metro_gates.write_gate_files),
        (taxi_trips.generate_taxi_trips, taxi_trips.write_taxi_files),
    ),
    answers=transit_answers.ANSWERS,
    environment=city_keys,
)
