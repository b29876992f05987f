"""Reshaping a table before its fields are bound."""

from __future__ import annotations

import re
from operator import not_
from typing import Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import Declaration


class Unpivot(Declaration):
    """Every column but ``keep`` becomes rows of ``name`` and ``value``.

    With ``named``, a regular expression for the whole name, this applies to matching columns only, and its named
    groups become fields in place of ``name``; other columns do not change.
    """

    keep: tuple[str, ...] = ()
    name: str | None = None
    named: str | None = None
    value: str

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.name is None) == (self.named is None):
            raise ValueError("unpivot needs either name or named")
        if self.name and not self.keep:
            raise ValueError("unpivot by name needs keep")
        if self.named and not re.compile(self.named).groupindex:
            raise ValueError("named has no named group")
        return self


class Pivot(Declaration):
    """Rows become columns: the values of ``on`` (``columns`` lists them) over ``keys``, filled from ``value``.

    A value of ``on`` that is not in ``columns`` is reported; two different values for one cell are an error.
    ``value`` can be several fields, each with the name of its columns: ``{value: "{}", flag: "{}_flag"}``.
    """

    keys: tuple[str, ...]
    on: str
    value: str | dict[str, str]
    columns: tuple[str, ...]

    @property
    def names(self) -> dict[str, str]:
        """Value field → the name of its columns, where ``{}`` is the value of ``on``."""
        return {self.value: "{}"} if isinstance(self.value, str) else self.value

    @property
    def cells(self) -> dict[str, tuple[str, str]]:
        """Column → its value field and its value of ``on``."""
        return {
            name.replace("{}", column): (field, column) for column in self.columns for field, name in self.names.items()
        }

    @model_validator(mode="after")
    def _distinct_names(self) -> Self:
        if not all("{}" in name for name in self.names.values()):
            raise ValueError("the name of a value's columns needs {}")
        if len(self.cells) < len(self.names) * len(set(self.columns)):
            raise ValueError("two values of a pivot have columns of one name")
        return self


class Padding(Declaration):
    """Leaves out the rows of days that a month does not have, in tables with a column for each of 31 days.

    ``month``: the fields of the month, ``{year}-{month}``, in the strptime ``format``; ``day``: the field with the
    number of the day; ``values``: the fields that are empty in such a row. A row with a value there is refused.
    """

    month: str
    format: str = "%Y-%m"
    day: str
    values: tuple[str, ...] = Field(min_length=1)


class ReshapeStep(Declaration):
    """One step; steps run in the order in which they are written."""

    unpivot: Unpivot | None = None
    pivot: Pivot | None = None
    padding: Padding | None = Field(None, exclude_if=not_)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(step is not None for step in (self.unpivot, self.pivot, self.padding)) != 1:
            raise ValueError("a reshape step is either unpivot, pivot or padding")
        return self
