"""Checks of ``roles.yaml``: rights that exist, for departments that own a dataset."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.base.yaml_reader import YamlLimitError, read_yaml
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.lint_reading import explain_invalid
from citylake.schemas.model.roles import EVERY_DEPARTMENT, RolesFile
from citylake.schemas.read.registry import InvalidDeclaration, Registry, YamlLocation
from citylake.schemas.read.workspace_roles import ROLES_FILE


def check_roles(registry: Registry) -> Iterator[LintFault]:
    """Every fault of the workspace's roles. A grant for a department without datasets allows nothing."""
    file = registry.workspace.root / ROLES_FILE
    if not file.is_file():
        return
    try:
        roles = RolesFile.model_validate(read_yaml(file) or {})
    except (ValueError, yaml.YAMLError, OSError, YamlLimitError) as error:
        yield from explain_invalid(InvalidDeclaration(YamlLocation(file), error, RolesFile))
        return
    known = sorted({contract.owner.department for contract in registry.contracts.values()})
    for number, grant in enumerate(roles.roles):
        for place, name in enumerate(grant.departments):
            if name not in (EVERY_DEPARTMENT, *known):
                near = nearest_words(name, known) or [*known, EVERY_DEPARTMENT]
                where = YamlLocation(file, ("roles", number, "departments", place))
                yield LintFault("ROLE_DEPARTMENT_UNKNOWN", where, {"department": name, "suggestion": near})
