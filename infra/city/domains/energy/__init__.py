"""Energy: the grid of sources, feeders, storage and tie lines, smart meters, and two data centres, by five clocks."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.energy import datacentre, generation, grid_exchange, grid_load, meters, storage
from citylake.infra.city.domains.energy.true_balance import lost_share_pct, mean_pue

DOMAIN = CityDomain(
    "energy",
    (
        (grid_load.generate_load, grid_load.write_load_files),
        (generation.generate_generation, generation.write_generation_files),
        (storage.generate_storage, storage.write_storage_files),
        (grid_exchange.generate_exchange, grid_exchange.write_exchange_files),
        (meters.generate_meters, meters.write_meter_files),
        (datacentre.generate_power, datacentre.write_power_file),
        (datacentre.generate_cooling, datacentre.write_cooling_files),
    ),
    {"grid_balance.lost_share": lost_share_pct, "datacentre_energy.mean_pue": mean_pue},
    datacentre.datacentre_routes,
)
