"""Reshaping a table before its fields are bound."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from schemas.declaration import Declaration


class Unpivot(Declaration):
    """Every column but ``keep`` becomes rows of ``name`` and ``value``."""

    keep: tuple[str, ...]
    name: str
    value: str


class Pivot(Declaration):
    """Rows become columns: the values of ``on`` (``columns`` lists them) over ``keys``, filled from ``value``.

    A value of ``on`` that is not in ``columns`` is reported; two different values for one cell are an error.
    """

    keys: tuple[str, ...]
    on: str
    value: str
    columns: tuple[str, ...]


class Reshape(Declaration):
    """One step; steps run in the order in which they are written."""

    unpivot: Unpivot | None = None
    pivot: Pivot | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.unpivot is None) == (self.pivot is None):
            raise ValueError("a reshape step is either unpivot or pivot")
        return self
