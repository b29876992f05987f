"""Outlets of pollution sources: what they may emit, what their monitors report, and the electricity that they use."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.emissions import answers, energy, limits, outlets, readings

DOMAIN = CityDomain(
    "emissions",
    (
        (outlets.generate_outlets, outlets.write_outlets_file),
        (limits.generate_limits, limits.write_limits_file),
        (readings.generate_readings, readings.write_reading_files),
        (energy.generate_energy, energy.write_energy_file),
    ),
    {"emission_limits.hours_over": answers.hours_over},
)
