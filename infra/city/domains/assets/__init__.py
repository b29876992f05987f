"""Assets: the machines of a coalfield with their condition and maintenance, and assets that events rent."""

from __future__ import annotations

from citylake.infra.city.domains.assets import equipment, leases, maintenance, telemetry
from citylake.infra.city.domains.assets.true_assets import assets_leased_twice, machines_in_bad_zones
from citylake.infra.city.domains.city_domain import CityDomain

DOMAIN = CityDomain(
    "assets",
    (
        (equipment.generate_equipment, equipment.write_equipment_file),
        (equipment.generate_limits, equipment.write_limits_file),
        (telemetry.generate_telemetry, telemetry.write_telemetry_files),
        (maintenance.generate_maintenance, maintenance.write_maintenance_file),
        (leases.generate_event_assets, leases.write_event_assets),
        (leases.generate_leases, leases.write_lease_files),
    ),
    {
        "equipment_health.machines_in_bad_zones": machines_in_bad_zones,
        "asset_life.leased_twice": assets_leased_twice,
    },
)
