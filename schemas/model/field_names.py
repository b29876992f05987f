"""The names that a source field has had: today's, and earlier ones with the last day of each."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import Field, StringConstraints

from citylake.schemas.base.declaration import Declaration

FieldName = Annotated[str, StringConstraints(min_length=1)]


class FormerName(Declaration):
    """A name that the source used for the field up to the day ``until``, which is included."""

    was: FieldName
    until: date


FieldNames = tuple[Annotated[FormerName | FieldName, Field(union_mode="left_to_right")], ...]
"""Today's name, which may be left out, then the earlier ones, newest first."""


def former_names(names: FieldNames) -> tuple[FormerName, ...]:
    """The earlier names, newest first."""
    return tuple(name for name in names if isinstance(name, FormerName))


def check_field_names(names: FieldNames) -> None:
    """Raise ValueError if the names are not in order, or if one occurs twice."""
    former = former_names(names)
    if any(isinstance(name, str) for name in names[1:]):
        raise ValueError("names has today's name first, then {was: NAME, until: DAY} for each earlier one")
    if names and not former:
        raise ValueError("names needs an earlier name: {was: NAME, until: DAY}")
    if any(later.until <= earlier.until for later, earlier in pairwise(former)):
        raise ValueError("names has the newest earlier name first: each until is before the one above it")
    every = [name if isinstance(name, str) else name.was for name in names]
    if twice := sorted({name for name in every if every.count(name) > 1}):
        raise ValueError(f"names has a name twice: {', '.join(twice)}")
