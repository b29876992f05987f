"""Devices on platforms: noise meters behind SensorThings and water gauges behind a context broker."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.devices import noise_observations, water_entities
from citylake.infra.city.domains.devices.message_truth import count_disorder, count_missing
from citylake.infra.city.domains.devices.platforms import platform_routes

DOMAIN = CityDomain(
    "devices",
    (
        (noise_observations.generate_noise_observations, noise_observations.write_noise_observations),
        (water_entities.generate_water_entities, water_entities.write_water_entities),
    ),
    {"device_messages.missing": count_missing, "device_messages.disorder": count_disorder},
    platform_routes,
)
