"""Farming: plots with their devices, operations and harvests, and the cold stores behind them."""

from __future__ import annotations

from citylake.infra.city.domains.agriculture import harvests, operations, plots, sensor_readings, store_climate
from citylake.infra.city.domains.agriculture.farm_truth import count_early_harvests, count_excursions
from citylake.infra.city.domains.city_domain import CityDomain

DOMAIN = CityDomain(
    "agriculture",
    (
        (plots.generate_plots, plots.write_plots),
        (sensor_readings.generate_sensor_readings, sensor_readings.write_sensor_readings),
        (operations.generate_operations, operations.write_operations),
        (harvests.generate_harvests, harvests.write_harvests),
        (store_climate.generate_store_climate, store_climate.write_store_climate),
    ),
    {"crop_trace.early_harvests": count_early_harvests, "crop_trace.excursions": count_excursions},
)
