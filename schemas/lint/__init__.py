"""Lint: every fault of the declarations, with file, line and what to write instead. It reads no data and no lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError

from citylake.schemas.base.yaml_reader import YamlLimitError, YamlLines
from citylake.schemas.lint.lint_audiences import check_audiences
from citylake.schemas.lint.lint_bindings import check_bindings
from citylake.schemas.lint.lint_calendars import check_calendars
from citylake.schemas.lint.lint_codes import check_codes
from citylake.schemas.lint.lint_contracts import check_contracts
from citylake.schemas.lint.lint_cycles import check_mart_cycles, check_reference_cycles
from citylake.schemas.lint.lint_deliveries import check_deliveries
from citylake.schemas.lint.lint_dimensions import check_dimensions
from citylake.schemas.lint.lint_elements import check_elements
from citylake.schemas.lint.lint_entities import check_entities
from citylake.schemas.lint.lint_finding import LintFault, LintFinding, build_finding
from citylake.schemas.lint.lint_functions import check_functions
from citylake.schemas.lint.lint_inherited import check_inherited
from citylake.schemas.lint.lint_issues import check_issues
from citylake.schemas.lint.lint_mart_expectations import check_mart_expectations
from citylake.schemas.lint.lint_mart_sql import check_mart_sql, check_questions
from citylake.schemas.lint.lint_mart_tests import check_mart_tests
from citylake.schemas.lint.lint_marts import check_marts
from citylake.schemas.lint.lint_names import check_field_names
from citylake.schemas.lint.lint_packs import check_packs
from citylake.schemas.lint.lint_patterns import check_patterns
from citylake.schemas.lint.lint_protection import check_protection
from citylake.schemas.lint.lint_reading import explain_duplicate_id, explain_invalid
from citylake.schemas.lint.lint_refusals import check_refusals
from citylake.schemas.lint.lint_roles import check_roles
from citylake.schemas.lint.lint_schedules import check_schedules, check_upkeep_schedule
from citylake.schemas.lint.lint_secrets import check_secrets
from citylake.schemas.lint.lint_sensors import check_sensors
from citylake.schemas.lint.lint_suppression import check_suppression
from citylake.schemas.lint.lint_values import check_values
from citylake.schemas.lint.lint_writing import check_writing
from citylake.schemas.read.registry import DuplicateId, InvalidDeclaration, Registry, YamlLocation, load_registry
from citylake.schemas.read.workspace import WorkspaceFile
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import issue_type

__all__ = ["LintFinding", "find_errors", "lint_errors", "lint_registry", "lint_workspace", "locate_faults"]

_CHECKS = (
    check_elements,
    check_codes,
    check_bindings,
    check_field_names,
    check_contracts,
    check_inherited,
    check_refusals,
    check_writing,
    check_schedules,
    check_sensors,
    check_secrets,
    check_protection,
    check_patterns,
    check_values,
    check_entities,
    check_dimensions,
    check_marts,
    check_reference_cycles,
    check_audiences,
    check_deliveries,
    check_mart_cycles,
    check_mart_expectations,
    check_mart_sql,
    check_suppression,
    check_functions,
)
_MISSING = {
    "ELEMENT_UNKNOWN": "name",
    "CODE_LIST_UNKNOWN": "list",
    "CROSSWALK_UNKNOWN": "crosswalk",
    "REFERENCED_DATASET_UNKNOWN": "dataset",
    "CODE_TABLE_UNKNOWN": "dataset",
    "MART_TABLE_UNKNOWN": "name",
}


def lint_workspace(root: Path) -> list[LintFinding]:
    """Every fault of the workspace at ``root``, by file and line."""
    file = root / "workspace.yaml"
    try:
        registry = load_registry(root)
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError, OSError, YamlLimitError) as error:
        return locate_faults(explain_invalid(InvalidDeclaration(YamlLocation(file), error, WorkspaceFile)))
    except CitylakeError as error:
        place = YamlLocation(file, ("packs", "extends")) if file.is_file() else YamlLocation(root)
        return locate_faults([LintFault(error.code, place, error.values)])
    return lint_registry(registry)


def lint_registry(registry: Registry) -> list[LintFinding]:
    """Every fault of the declarations in ``registry`` and of its packs, by file and line."""
    return locate_faults(_faults(registry, with_packs=True))


def find_errors(registry: Registry) -> list[LintFinding]:
    """The same as ``lint_errors``, with every reference to a declaration that could not be read."""
    faults = _faults(registry, with_packs=False, repeat=True)
    return locate_faults(fault for fault in faults if issue_type(fault.code).severity == "error")


def lint_errors(registry: Registry) -> list[LintFinding]:
    """The findings that prevent a run; warnings do not. Issue types and indices of packs are not read for this."""
    faults = _faults(registry, with_packs=False)
    return locate_faults(fault for fault in faults if issue_type(fault.code).severity == "error")


def _faults(registry: Registry, *, with_packs: bool, repeat: bool = False) -> Iterator[LintFault]:
    for invalid in registry.invalid:
        yield from explain_invalid(invalid, registry)
    yield from (explain_duplicate_id(clash) for clash in registry.clashes)
    # A declaration that could not be read is reported above, and not again at each reference to it.
    reported = {invalid.id for invalid in registry.invalid if invalid.id and not repeat}
    for check in _CHECKS:
        faults = check(registry)
        yield from (fault for fault in faults if fault.values.get(_MISSING.get(fault.code, "")) not in reported)
    yield from _explain(check_issues(registry.workspace, with_packs=with_packs))
    if with_packs:
        yield from _explain(check_packs(registry.workspace))
        # Here and not among the checks before a run: a faulty test or question stops no mart.
        yield from check_mart_tests(registry)
        yield from check_questions(registry)
        yield from check_roles(registry)
        yield from check_upkeep_schedule(registry)
        yield from _explain(check_calendars(registry.workspace))


def _explain(found: Iterable[LintFault | DuplicateId | InvalidDeclaration]) -> Iterator[LintFault]:
    for each in found:
        if isinstance(each, LintFault):
            yield each
        elif isinstance(each, DuplicateId):
            yield explain_duplicate_id(each)
        else:
            yield from explain_invalid(each)


def locate_faults(faults: Iterable[LintFault]) -> list[LintFinding]:
    """Return faults with their lines, each once, by file and line."""
    files: dict[Path, YamlLines] = {}
    found: dict[tuple[Path, int, str, str], LintFinding] = {}
    for fault in faults:
        path = fault.place.path
        line = fault.line or files.setdefault(path, YamlLines(path)).of(fault.place.keys)
        found.setdefault((path, line, fault.code, repr(fault.values)), build_finding(fault, line))
    return [found[key] for key in sorted(found, key=lambda key: (str(key[0]), key[1:]))]
