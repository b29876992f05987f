"""Whether a person may act on the data of a department, by the workspace's roles."""

from __future__ import annotations

from citylake.pipelines.acts.person import Person
from citylake.schemas.model.roles import Right
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace_roles import read_roles
from citylake.schemas.words.errors import CitylakeError


def require_right(registry: Registry, person: Person, right: Right, department: str) -> None:
    """Raise ACT_NOT_ALLOWED unless the person has the right for the department.

    A workspace without ``roles.yaml`` allows everything to everyone who can write to the lake.
    """
    roles = read_roles(registry.workspace)
    if roles is None or roles.allows(person.user, right, department):
        return
    holders = ", ".join(roles.holders(right, department)) or "—"
    raise CitylakeError("ACT_NOT_ALLOWED", user=person.user, right=right, department=department, holders=holders)
