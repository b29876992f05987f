"""The ecological platform: water, noise, soil and vegetation, and the limits by which they are judged."""

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.ecology.ecology_service import ecology_routes
from citylake.infra.city.domains.ecology.noise import generate_noise, write_noise_files
from citylake.infra.city.domains.ecology.poor_water import poor_water_days
from citylake.infra.city.domains.ecology.quality_limits import generate_limits, write_limits_file
from citylake.infra.city.domains.ecology.soil import generate_soil, write_soil_file
from citylake.infra.city.domains.ecology.vegetation import generate_vegetation, write_vegetation_files
from citylake.infra.city.domains.ecology.water import generate_water, write_water_file

DOMAIN = CityDomain(
    name="ecology",
    makers=(
        (generate_limits, write_limits_file),
        (generate_water, write_water_file),
        (generate_noise, write_noise_files),
        (generate_soil, write_soil_file),
        (generate_vegetation, write_vegetation_files),
    ),
    answers={"eco_quality.poor_water_days": poor_water_days},
    routes=ecology_routes,
)
