"""The settings of the connector ``database``."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.formats import AnyFormat, ParquetFormat
from citylake.schemas.model.source.source_base import SourceBase

NonEmptyName = Annotated[str, StringConstraints(min_length=1)]
OverlapDuration = Annotated[str, StringConstraints(pattern=r"^\d+(ms|s|m|h|d|w)?$")]
"""A length of time (``10m``) for a column of times, or a plain number (``1000``) for one of numbers."""


class Incremental(Declaration):
    """Only rows whose ``column`` is at least the highest committed value less ``overlap``, or null.

    The overlap is for rows that were committed late, with a lower value than one that was read before.
    """

    column: NonEmptyName
    overlap: OverlapDuration = "0"


class ExchangeColumns(Declaration):
    """The control columns of a front-end database (前置库), in which a supplier delivers rows.

    ``batch``: the batch number, in whose order rows are read; ``operation``: I, U or D; ``taken``: the flag that is
    ``waiting`` before and ``done`` after a row's commit; ``time``: when the row was written, never earlier than
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
        """The columns that must exist."""
        return tuple(name for name in (self.batch, self.operation, self.taken, self.time) if name)


class DatabaseSource(SourceBase):
    """Rows of a ``table`` (``schema.table``) or a ``query`` (one SELECT), read in one read-only transaction.

    ``connection`` names the credentials, which contain ``{"uri": "postgresql://…"}``.
    """

    connector: Literal["database"]
    format: AnyFormat = ParquetFormat()
    connection: str
    table: NonEmptyName | None = None
    query: NonEmptyName | None = None
    columns: tuple[NonEmptyName, ...] = ()
    """The columns to read; all if empty."""
    where: NonEmptyName | None = None
    """A condition in SQL that rows must meet."""
    order: tuple[NonEmptyName, ...] = ()
    """The order of rows; the primary key if empty. Without either, the same rows may come in another order."""
    incremental: Incremental | None = None
    exchange: ExchangeColumns | None = None
    rows_per_file: int = Field(500_000, gt=0)
    """The largest number of rows of one file in the landing zone."""
    timeout_s: float = Field(30.0, gt=0)
    """Time limit for opening a connection, s."""
    deadline_s: float = Field(3600.0, gt=0)
    """Time limit for one pull, s."""

    @property
    def repeats(self) -> str | None:
        """Rows of a front-end database come again if a crash prevented their acknowledgement."""
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
