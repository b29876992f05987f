"""A code list (代码集): values with names, validity, successors and aliases; and crosswalks between them."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Identifier, LocalizedText
from citylake.schemas.model.dimension import CodeDimension


def _no_part(_: object) -> bool:
    return True


class CodeValue(Declaration):
    """One value. ``valid_from`` is the first day on which it is valid, ``valid_to`` the first day after."""

    code: str
    name: LocalizedText
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    edition: str | None = None
    # Never part of a fingerprint: the place in a hierarchy does not change what bytes become.
    parent: str | None = Field(None, exclude_if=_no_part)
    """The code above it, of the same list or another."""
    level: int | None = Field(None, ge=1, le=9, exclude_if=_no_part)
    """Its level in a hierarchy; 1 is the highest."""


class CodeRange(Declaration):
    """Codes that a city may assign itself (``11…`` in GB/T 39046), both ends included, compared as text."""

    first: str
    last: str
    name: LocalizedText


class StandardEdition(Declaration):
    """One edition of the standard behind a list, and the days on which it is valid."""

    edition: str
    valid_from: date | None = None
    valid_to: date | None = None


class CodeTable(Declaration):
    """A list whose values are the rows of a dataset in the standard zone (for example division codes)."""

    dataset: Identifier
    code: ColumnName
    name: ColumnName
    valid_from: ColumnName | None = None
    valid_to: ColumnName | None = None
    successors: ColumnName | None = None
    parent: ColumnName | None = Field(None, exclude_if=_no_part)
    level: ColumnName | None = Field(None, exclude_if=_no_part)


class CodeList(Declaration):
    """A closed set of values, with the ranges in which a city may add its own."""

    id: Identifier
    name: LocalizedText
    standard: str | None = None
    editions: tuple[StandardEdition, ...] = ()
    values: tuple[CodeValue, ...] = ()
    extensible: tuple[CodeRange, ...] = ()
    table: CodeTable | None = None
    note: str | None = None
    dimension: CodeDimension | None = Field(None, exclude_if=_no_part)
    """The dimension of marts that the list is part of, beside its own table of codes."""

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if bool(self.values) == bool(self.table):
            raise ValueError("a code list has either values or a table")
        return self


class Crosswalk(Declaration):
    """A translation from a source's names to an element's values; a name that is not in it is an error."""

    id: Identifier
    name: LocalizedText
    to: Identifier
    """The element that the values of the pairs belong to."""
    pairs: dict[str, str] = Field(min_length=1)
