"""Who acts: the user that an option, the environment or the operating system names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from citylake.pipelines.lake.access_record import process_user


@dataclass(frozen=True, slots=True)
class Person:
    """A person, by the name that the roles and the ledger use, and the door through which they act."""

    user: str
    via: Literal["cli", "api", "airflow"] = "cli"


def current_person(user: str | None = None, via: Literal["cli", "api"] = "cli") -> Person:
    """Return the person of this process: ``user``, else ``CITYLAKE_USER``, else the operating system's user.

    Raises USER_UNKNOWN if none of them has a name.
    """
    return Person(process_user(user), via)
