"""The city's divisions through time: the register of streets and communities, and what communities report upwards."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.divisions import community_reports, division_answers, division_register

DOMAIN = CityDomain(
    name="divisions",
    makers=(
        (division_register.generate_register, division_register.write_register_file),
        (community_reports.generate_reports, community_reports.write_front_end_database),
    ),
    answers=division_answers.ANSWERS,
    environment=community_reports.front_end_connection,
)
