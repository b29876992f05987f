"""The city's utilities: components in the street, their inspections and devices, and the water network."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.utilities import (
    alarm_messages,
    component_register,
    inspections,
    metering_zones,
    pipe_readings,
    utility_answers,
)

DOMAIN = CityDomain(
    name="utilities",
    makers=(
        (component_register.generate_register, component_register.write_register_file),
        (inspections.generate_inspections, inspections.write_inspection_files),
        (alarm_messages.generate_messages, alarm_messages.write_messages_file),
        (metering_zones.generate_zones, metering_zones.write_zones_file),
        (pipe_readings.generate_readings, pipe_readings.write_reading_files),
    ),
    answers=utility_answers.ANSWERS,
    routes=alarm_messages.message_routes,
)
