"""Which rows of a source are a dataset's: what a field must, or must not, say."""

from __future__ import annotations

from typing import Self, TypeAlias

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import Declaration

Text: TypeAlias = str | int


class FieldFilter(Declaration):
    """A row is kept if its text is none of ``not``, and ``pattern`` is found in it, and ``not_pattern`` is not."""

    none_of: tuple[Text, ...] = Field((), alias="not")
    pattern: str | None = None
    not_pattern: str | None = None
    any_of: tuple[Text, ...] = Field((), exclude=True)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.none_of or self.any_of) and self.pattern is None and self.not_pattern is None:
            raise ValueError("where needs a value, a list of values, not, pattern or not_pattern")
        return self


RowFilter: TypeAlias = dict[str, Text | tuple[Text, ...] | FieldFilter]
"""By source field: the text, or the texts, that a row of the dataset has; or a :class:`FieldFilter`."""


def field_filters(where: RowFilter) -> dict[str, FieldFilter]:
    """The filter of each field."""
    return {
        field: each
        if isinstance(each, FieldFilter)
        else FieldFilter(any_of=each if isinstance(each, tuple) else (each,))
        for field, each in where.items()
    }
