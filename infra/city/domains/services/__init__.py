"""Government services: what they promise and do, what people report, who gets what, and what offices know in common."""

from __future__ import annotations

from citylake.infra.city.city_keys import city_keys
from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.services import (
    applications,
    certificates,
    items,
    licence_copies,
    person_lists,
    policies,
    policy_payments,
    snapshots,
    terminals,
)
from citylake.infra.city.domains.services.answers import overdue_applications, snapshot_bursts
from citylake.infra.city.domains.services.policy_answer import unpaid_benefits
from citylake.infra.city.domains.services.recognition_answer import disagreements
from citylake.infra.city.domains.services.routes import service_routes

DOMAIN = CityDomain(
    "services",
    makers=(
        (items.generate_items, items.write_item_files),
        (applications.generate_applications, applications.write_application_files),
        (terminals.generate_terminals, terminals.write_terminal_files),
        (snapshots.generate_snapshots, snapshots.write_snapshots_file),
        (policies.generate_policies, policies.write_policy_file),
        (policy_payments.generate_payments, policy_payments.write_payments_file),
        (certificates.generate_certificates, certificates.write_certificates_file),
        (licence_copies.generate_copies, licence_copies.write_copies_file),
        (person_lists.generate_applicants, person_lists.write_applicants_file),
        (person_lists.generate_holders, person_lists.write_holders_file),
    ),
    answers={
        "event_pulse.bursts": snapshot_bursts,
        "mutual_recognition.disagree": disagreements,
        "policy_eligible.unpaid": unpaid_benefits,
        "service_performance.overdue": overdue_applications,
    },
    routes=service_routes,
    environment=city_keys,
)
