"""Lint: every fault of the declarations, with file, line and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.catalogue import issue_type
from schemas.faults import CitylakeError
from schemas.lint.bindings import check_bindings
from schemas.lint.codes import check_codes
from schemas.lint.contracts import check_contracts
from schemas.lint.elements import check_elements
from schemas.lint.fault import Fault, Finding, finding
from schemas.lint.issues import check_issues
from schemas.lint.marts import check_marts
from schemas.lint.patterns import check_patterns
from schemas.lint.reading import clashing, unreadable
from schemas.lint.secrets import check_secrets
from schemas.lint.writing import check_writing
from schemas.registry import Clash, Invalid, Place, Registry, load
from schemas.workspace import BUILT_IN, WorkspaceFile
from schemas.yamlfile import Lines

__all__ = ["Finding", "errors_of", "findings_of", "lint"]

_CHECKS = (
    check_elements,
    check_codes,
    check_bindings,
    check_contracts,
    check_writing,
    check_secrets,
    check_patterns,
    check_marts,
)
_MISSING = {
    "ELEMENT_UNKNOWN": "name",
    "CODE_LIST_UNKNOWN": "list",
    "CROSSWALK_UNKNOWN": "crosswalk",
    "REFERENCED_DATASET_UNKNOWN": "dataset",
    "CODE_TABLE_UNKNOWN": "dataset",
    "MART_TABLE_UNKNOWN": "name",
}


def lint(root: Path | None = None) -> list[Finding]:
    """Every fault of the workspace at ``root`` (the built-in one where not given), by file and line."""
    try:
        registry = load(root)
    except (ValidationError, yaml.YAMLError) as error:
        invalid = Invalid(Place((root or BUILT_IN) / "workspace.yaml"), error, WorkspaceFile)
        return _placed(unreadable(invalid))
    except CitylakeError as error:
        return _placed([Fault(error.code, Place(root or BUILT_IN), error.values, 1)])
    return findings_of(registry)


def findings_of(registry: Registry) -> list[Finding]:
    """Every fault of the declarations in ``registry``, by file and line."""
    return _placed(_faults(registry))


def errors_of(registry: Registry) -> list[Finding]:
    """The findings that keep anything from running; warnings do not."""
    return _placed(fault for fault in _faults(registry) if issue_type(fault.code).severity == "error")


def _faults(registry: Registry) -> Iterator[Fault]:
    for invalid in registry.invalid:
        yield from unreadable(invalid, registry)
    yield from (clashing(clash) for clash in registry.clashes)
    # What was declared but could not be read is told once, above, not again wherever it is used.
    told = {invalid.id for invalid in registry.invalid if invalid.id}
    for check in _CHECKS:
        yield from (fault for fault in check(registry) if fault.values.get(_MISSING.get(fault.code, "")) not in told)
    for each in check_issues(registry.workspace.root / "issues"):
        if isinstance(each, Fault):
            yield each
        elif isinstance(each, Clash):
            yield clashing(each)
        else:
            yield from unreadable(each)


def _placed(faults: Iterable[Fault]) -> list[Finding]:
    files: dict[Path, Lines] = {}
    found: dict[tuple[Path, int, str, str], Finding] = {}
    for fault in faults:
        path = fault.place.path
        line = fault.line or files.setdefault(path, Lines(path)).of(fault.place.keys)
        found.setdefault((path, line, fault.code, repr(fault.values)), finding(fault, line))
    return [found[key] for key in sorted(found, key=lambda key: (str(key[0]), key[1:]))]
