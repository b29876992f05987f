"""Tables of a database."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.model.declaration import Declaration
from citylake.schemas.model.formats import AnyFormat, ParquetFormat
from citylake.schemas.model.source.source_base import SourceBase

NonEmptyName = Annotated[str, StringConstraints(min_length=1)]
OverlapDuration = Annotated[str, StringConstraints(pattern=r"^\d+(ms|s|m|h|d|w)?$")]
"""A length of time (``10m``) for a column of times, or a plain number (``1000``) for one of numbers."""


class Incremental(Declaration):
    """Only rows whose ``column`` is at least the highest that was committed, less ``overlap``; and those without one.

    The overlap catches rows that were committed late: with a lower value than one that was read before.
    """

    column: NonEmptyName
    overlap: OverlapDuration = "0"


class ExchangeColumns(Declaration):
    """The columns of a front-end database (前置库), by which a supplier hands over rows.

    ``batch``: the batch number, in whose order rows are taken; ``operation``: I, U or D; ``taken``: the flag that is
    ``waiting`` before and ``done`` after a row's commit; ``time``: when the row was written there, never earlier than
    that of any change before it.
    """

    batch: NonEmptyName = "BATCH_NO"
    operation: NonEmptyName | None = "OPT_FLAG"
    taken: NonEmptyName = "SYNC_FLAG"
    time: NonEmptyName | None = "UPDATE_TIME"
    waiting: str = "0"
    done: str = "1"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(name for name in (self.batch, self.operation, self.taken, self.time) if name)


class DatabaseSource(SourceBase):
    """Rows of a ``table`` (``schema.table``) or a ``query`` (one SELECT), read in one read-only transaction.

    ``connection`` names where and as whom: its credentials hold ``{"uri": "postgresql://…"}``.
    """

    connector: Literal["database"]
    format: AnyFormat = ParquetFormat()
    connection: str
    table: NonEmptyName | None = None
    query: NonEmptyName | None = None
    columns: tuple[NonEmptyName, ...] = ()
    """The columns to read; all where not given."""
    where: NonEmptyName | None = None
    """A condition in SQL that rows must meet."""
    order: tuple[NonEmptyName, ...] = ()
    """What rows are ordered by; the primary key where not given. Without either, the same rows may come otherwise."""
    incremental: Incremental | None = None
    exchange: ExchangeColumns | None = None
    rows_per_file: int = Field(500_000, gt=0)
    """The most rows of one file in the landing zone."""
    timeout_s: float = Field(30.0, gt=0)
    """The longest that a connection may take, s."""
    deadline_s: float = Field(3600.0, gt=0)
    """The longest that one pull may take in all, s."""

    @property
    def repeats(self) -> str | None:
        """Rows of a front-end database come again where a crash kept them from being marked."""
        return "exchange" if self.exchange else super().repeats

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("a database needs either table or query")
        if self.query and not re.match(r"\s*(?i:select|with)\b", self.query):
            raise ValueError("query is one SELECT")
        if self.exchange and not self.table:
            raise ValueError("exchange needs a table")
        if self.exchange and self.incremental:
            raise ValueError("a source is either incremental or an exchange")
        if not isinstance(self.format, ParquetFormat):
            raise ValueError("a database gives Parquet")
        return self
