"""Government services: items, applications and terminals, what people report, and policies."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.services.answers import overdue_applications, snapshot_bursts
from citylake.infra.city.domains.services.applications import generate_applications, write_application_files
from citylake.infra.city.domains.services.items import generate_items, write_item_files
from citylake.infra.city.domains.services.policies import generate_policies, write_policy_file
from citylake.infra.city.domains.services.policy_answer import unpaid_benefits
from citylake.infra.city.domains.services.policy_payments import generate_payments, write_payments_file
from citylake.infra.city.domains.services.routes import service_routes
from citylake.infra.city.domains.services.snapshots import generate_snapshots, write_snapshots_file
from citylake.infra.city.domains.services.terminals import generate_terminals, write_terminal_files

DOMAIN = CityDomain(
    "services",
    (
        (generate_items, write_item_files),
        (generate_applications, write_application_files),
        (generate_terminals, write_terminal_files),
        (generate_snapshots, write_snapshots_file),
        (generate_policies, write_policy_file),
        (generate_payments, write_payments_file),
    ),
    {
        "event_pulse.bursts": snapshot_bursts,
        "policy_eligible.unpaid": unpaid_benefits,
        "service_performance.overdue": overdue_applications,
    },
    service_routes,
)
