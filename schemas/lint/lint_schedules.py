"""Checks of schedules: a cron has five fields in their ranges, and is due at some time."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.notation.cron_faults import cron_fault
from citylake.schemas.read.registry import Registry, YamlLocation


def check_schedules(registry: Registry) -> Iterator[LintFault]:
    """CRON_INVALID in contracts and deliveries."""
    for contract in registry.contracts.values():
        if contract.schedule:
            place = contract_location(registry, contract.dataset, "schedule", "cron")
            yield from _cron_faults(contract.schedule.cron, place)
    for delivery in registry.deliveries.values():
        if delivery.cron is not None:
            yield from _cron_faults(delivery.cron, sub_location(registry.places["delivery", delivery.delivery], "cron"))


def check_upkeep_schedule(registry: Registry) -> Iterator[LintFault]:
    """CRON_INVALID in ``workspace.yaml``: it stops the upkeep in Airflow, and no dataset."""
    space = registry.workspace
    yield from _cron_faults(space.settings.upkeep.cron, YamlLocation(space.root / "workspace.yaml", ("upkeep", "cron")))


def _cron_faults(cron: str, place: YamlLocation) -> Iterator[LintFault]:
    if fault := cron_fault(cron):
        reason, instead = fault
        yield LintFault("CRON_INVALID", place, {"cron": cron, "reason": reason, "suggestion": instead})
