"""Reshaping a table before its fields are bound."""

from __future__ import annotations

import re
from typing import Self

from pydantic import model_validator

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
    """

    keys: tuple[str, ...]
    on: str
    value: str
    columns: tuple[str, ...]


class ReshapeStep(Declaration):
    """One step; steps run in the order in which they are written."""

    unpivot: Unpivot | None = None
    pivot: Pivot | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.unpivot is None) == (self.pivot is None):
            raise ValueError("a reshape step is either unpivot or pivot")
        return self
