"""Livelihood: villages, employment, social insurance, care of the elderly and enrolment, by street and month."""

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.livelihood import elderly_care, employment, enrolment, social_insurance, villages
from citylake.infra.city.domains.livelihood.true_answers import free_beds, online_sales

DOMAIN = CityDomain(
    "livelihood",
    makers=(
        (employment.generate_employment, employment.write_employment_files),
        (social_insurance.generate_insurance, social_insurance.write_insurance_file),
        (elderly_care.generate_care, elderly_care.write_care_files),
        (enrolment.generate_enrolment, enrolment.write_enrolment_file),
        (villages.generate_villages, villages.write_village_files),
    ),
    answers={"livelihood_division.free_beds": free_beds, "livelihood_division.online_sales": online_sales},
)
