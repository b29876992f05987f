"""Health: an epidemic, as the disease control, hospitals, pharmacies and the medical insurance see it."""

from citylake.infra.city.city_keys import city_keys
from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.health import drug_sales, insurance_claims, notifiable_cases, visits
from citylake.infra.city.domains.health.expected_cases import expected_last_week

DOMAIN = CityDomain(
    "health",
    makers=(
        (notifiable_cases.generate_cases, notifiable_cases.write_case_files),
        (visits.generate_visits, visits.write_visits_file),
        (drug_sales.generate_drug_sales, drug_sales.write_drug_sales_files),
        (insurance_claims.generate_claims, insurance_claims.write_claims_file),
    ),
    answers={"health_watch.expected_last_week": expected_last_week},
    routes=visits.visit_routes,
    environment=city_keys,
)
