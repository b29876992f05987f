"""The city's indicators: their targets by year; their values come from the other domains' marts."""

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.indicators.targets import generate_targets, targets_met, write_targets

DOMAIN = CityDomain(
    name="indicators",
    makers=((generate_targets, write_targets),),
    answers={"city_indicators.targets_met": targets_met},
)
