"""Government services: items, applications and terminals."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.services.answers import overdue_applications
from citylake.infra.city.domains.services.applications import generate_applications, write_application_files
from citylake.infra.city.domains.services.items import generate_items, write_item_files
from citylake.infra.city.domains.services.terminals import generate_terminals, write_terminal_files

DOMAIN = CityDomain(
    "services",
    (
        (generate_items, write_item_files),
        (generate_applications, write_application_files),
        (generate_terminals, write_terminal_files),
    ),
    {"service_performance.overdue": overdue_applications},
)
