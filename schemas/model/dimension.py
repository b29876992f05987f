"""Dimensions (维度): what a published mart shows beside the keys and codes that it holds."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration


class DatasetDimension(Declaration):
    """Rows of a dataset that describe things: ``dim.<name>`` of every mart that has a column of the key's element.

    ``label`` is the column that is shown beside the key, ``columns`` are further ones. A column above the ``highest``
    of a mart is left out there, and personal information everywhere.
    """

    name: ColumnName
    key: ColumnName
    label: ColumnName
    columns: tuple[ColumnName, ...] = ()

    @property
    def described(self) -> tuple[ColumnName, ...]:
        """The label and the further columns, each once."""
        return tuple(dict.fromkeys((self.label, *self.columns)))

    @model_validator(mode="after")
    def _named_otherwise(self) -> Self:
        if self.name == "date":
            raise ValueError("dim.date is made from the calendar")
        if self.key in self.described:
            raise ValueError("the key of a dimension does not describe itself")
        return self


class CodeDimension(Declaration):
    """A code list that is a dimension too: ``region``. ``level``: of every value that states none; 1 is the highest."""

    name: ColumnName
    level: int | None = Field(None, ge=1, le=9)
