"""Reads ``roles.yaml`` of a workspace."""

from __future__ import annotations

import yaml

from citylake.schemas.base.yaml_reader import YamlLimitError, read_yaml
from citylake.schemas.model.roles import RolesFile
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError

ROLES_FILE = "roles.yaml"


def read_roles(workspace: Workspace) -> RolesFile | None:
    """Return the workspace's roles; None if it has no such file. Raises ROLES_UNREADABLE."""
    file = workspace.root / ROLES_FILE
    if not file.is_file():
        return None
    try:
        return RolesFile.model_validate(read_yaml(file) or {})
    except (ValueError, yaml.YAMLError, OSError, YamlLimitError) as error:
        raise CitylakeError("ROLES_UNREADABLE", file=file, reason=str(error)) from error
