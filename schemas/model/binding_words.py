"""Words of a binding that have keys of their own: parts of a field, factors, zones and signs in other fields."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import Declaration

GroupSign = Literal[",", ".", " ", "'"]


class UnitFrom(Declaration):
    """A unit that each row names itself, in the field ``from``; ``names`` maps the source's texts to UCUM."""

    field: str = Field(alias="from")
    names: dict[str, str] = {}


class FactorFrom(Declaration):
    """A factor that each row names itself, in the field ``from``."""

    field: str = Field(alias="from")


class ZoneFrom(Declaration):
    """A time zone that each row names itself; without ``names``, the field has names such as ``Europe/Madrid``."""

    field: str = Field(alias="from")
    names: dict[str, str] = {}


class SplitField(Declaration):
    """One part of a packed field: by a separator and a place from 0, or by the named group of a pattern."""

    by: str | None = Field(None, min_length=1)
    part: int = Field(0, ge=0)
    of: int | None = Field(None, ge=1)
    """The number of parts that every value must have."""
    pattern: str | None = None
    group: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.by is None) == (self.pattern is None):
            raise ValueError("split needs either by or pattern")
        if self.pattern is not None and self.group not in _named_groups(self.pattern):
            raise ValueError("split pattern needs group, one of its named groups")
        return self


def _named_groups(pattern: str) -> list[str]:
    try:
        return list(re.compile(pattern).groupindex)
    except re.error:
        return []


class QualifierFrom(Declaration):
    """A sign in another field: ``from`` with the source's ``names`` for it, ``limit`` for the detection limit.

    A row with a limit and no value has the limit as its value, below which the measurement was.
    """

    field: str | None = Field(None, alias="from")
    names: dict[str, str] = {}
    limit: str | None = None

    @model_validator(mode="after")
    def _one_field(self) -> Self:
        if not (self.field or self.limit):
            raise ValueError("qualifier needs from or limit")
        return self


class NumberWord(Declaration):
    """A number that a text stands for, and the sign that is kept in ``<column>_qualifier``."""

    value: float
    qualifier: str | None = None
