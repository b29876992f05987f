"""The severity that the declarations set for a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from citylake.quality.check_result import CheckResult
from citylake.schemas.model.expectations import CheckSeverity


def with_severity(check: CheckResult, declared: Mapping[str, CheckSeverity]) -> CheckResult:
    """Return the check with the severity that is declared for it."""
    found = declared_severity(check.name.rpartition(": ")[2], declared)
    return replace(check, severity=found) if found else check


def declared_severity(name: str, declared: Mapping[str, CheckSeverity]) -> CheckSeverity | None:
    """Return the severity that ``declared`` has for the check ``name``, or for the longest first part of it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if found := declared.get(".".join(parts[:length])):
            return found
    return None
