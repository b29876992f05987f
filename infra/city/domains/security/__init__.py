"""Security: cameras, school gates and sensors of shops, when they work, what they report, and who comes to school."""

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.security import alarms, devices, gate_entries, heartbeats
from citylake.infra.city.domains.security.true_answers import outages_over_an_hour, visitors_out_of_hours

DOMAIN = CityDomain(
    "security",
    makers=(
        (devices.generate_devices, devices.write_devices_file),
        (heartbeats.generate_heartbeats, heartbeats.write_heartbeat_files),
        (alarms.generate_alarms, alarms.write_alarms_file),
        (gate_entries.generate_gate_entries, gate_entries.write_gate_files),
    ),
    answers={
        "device_uptime.outages_over_an_hour": outages_over_an_hour,
        "campus_safety.visitors_out_of_hours": visitors_out_of_hours,
    },
)
