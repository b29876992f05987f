"""Culture and tourism: venues and what they hold, gates that count, and bookings."""

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.tourism.gates import gate_routes, generate_gates, write_gates_file
from citylake.infra.city.domains.tourism.overloads import overload_hours
from citylake.infra.city.domains.tourism.reservations import generate_reservations, write_reservations_file
from citylake.infra.city.domains.tourism.venues import generate_venues, write_venue_files

DOMAIN = CityDomain(
    name="tourism",
    makers=(
        (generate_venues, write_venue_files),
        (generate_gates, write_gates_file),
        (generate_reservations, write_reservations_file),
    ),
    answers={"venue_load.overload_hours": overload_hours},
    routes=gate_routes,
)
