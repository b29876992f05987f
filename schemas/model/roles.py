"""``roles.yaml`` of a workspace: who may release, correct, discard and export, and for which departments."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import Declaration

Right = Literal["release", "correct", "discard", "export"]
EVERY_DEPARTMENT = "*"


class RoleGrant(Declaration):
    """Rights of some users for some departments; ``*`` stands for every department."""

    users: tuple[str, ...] = Field(min_length=1)
    may: tuple[Right, ...] = Field(min_length=1)
    departments: tuple[str, ...] = Field(min_length=1)

    def covers(self, right: Right, department: str) -> bool:
        """Whether the grant gives the right for the department."""
        return right in self.may and (EVERY_DEPARTMENT in self.departments or department in self.departments)


class RolesFile(Declaration):
    """All grants of a workspace. A right that no grant gives is nobody's."""

    roles: tuple[RoleGrant, ...] = ()

    def allows(self, user: str, right: Right, department: str) -> bool:
        """Whether ``user`` has the right for the department."""
        return user in self.holders(right, department)

    def holders(self, right: Right, department: str) -> list[str]:
        """Return the users who have the right for the department, sorted."""
        return sorted({user for grant in self.roles if grant.covers(right, department) for user in grant.users})
