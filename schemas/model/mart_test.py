"""A test of one SELECT of a mart: the rows that it is given, and the rows that it must return."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import Declaration

TEST_SUFFIX: Final = ".test.yaml"
"""Ends the name of a file of tests; what is before it is the table."""
GivenRow = dict[str, Any]
"""Column → value, as YAML has it; a column that is not named is null, or has the default of its table."""


class ExpectedRows(Declaration):
    """What the SELECT returns: ``rows``, or the issue type with which it fails.

    ``ordered``: in this order. ``columns``: ``some`` compares only the columns that the rows name.
    """

    rows: tuple[GivenRow, ...] | None = None
    error: str | None = None
    ordered: bool = False
    columns: Literal["all", "some"] = "all"

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.rows is None) == (self.error is None):
            raise ValueError("a test expects either rows or an error")
        return self


class MartTest(Declaration):
    """One test of the file ``<table>.test.yaml`` beside the SELECT.

    ``given``: input → rows; every input of the SELECT is named, with ``[]`` if it has no rows. ``defaults``: input →
    values of the columns that its rows do not name. ``now``: what ``now()`` and ``current_date`` return, in the
    workspace's zone; without it, a SELECT that asks for them fails.
    """

    name: str = Field(min_length=1)
    given: dict[str, tuple[GivenRow, ...]] = {}
    defaults: dict[str, GivenRow] = {}
    now: Any = None
    expect: ExpectedRows
