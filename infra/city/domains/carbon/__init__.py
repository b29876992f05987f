"""Carbon: energy that enterprises use, factors, allowances, and trades of them."""

from __future__ import annotations

from citylake.infra.city.domains.carbon import allowances, answers, energy_use, factors, trades
from citylake.infra.city.domains.city_domain import CityDomain

DOMAIN = CityDomain(
    "carbon",
    (
        (energy_use.generate_energy_use, energy_use.write_energy_files),
        (factors.generate_factors, factors.write_factors_file),
        (allowances.generate_allowances, allowances.write_allowances_file),
        (trades.generate_trades, trades.write_trades_file),
    ),
    {"carbon_monthly.co2_of_2025": answers.co2_of_2025},
    trades.trade_routes,
)
