"""A dataset's contract: where it comes from and what it promises."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract_rule import ContractRule, ReferenceRule
from citylake.schemas.model.declaration import ColumnName, Declaration, Duration, Identifier, LocalizedText
from citylake.schemas.model.drift_policy import DriftPolicy
from citylake.schemas.model.reshape_step import ReshapeStep
from citylake.schemas.model.source import Source

PartitionExpression = Annotated[str, StringConstraints(pattern=r"^(day|month|year)\([a-z][a-z0-9_]*\)$")]


class Owner(Declaration):
    """The department that publishes, and the person who mends."""

    department: str
    steward: str | None = None


class Schedule(Declaration):
    """When the source is asked. ``late_days``: how long rows for past days may still arrive."""

    cron: str
    timezone: str = "Asia/Shanghai"
    late_days: int = 0


class ValidityColumns(Declaration):
    """Validity that the source itself declares, as standard columns."""

    start: ColumnName = Field(alias="from")
    end: ColumnName = Field(alias="to")


class DeleteMarker(Declaration):
    """Which rows tell that something is gone: ``column`` holds one of ``codes``."""

    column: ColumnName
    codes: tuple[str, ...] = Field(min_length=1)


class WriteSettings(Declaration):
    """How a batch becomes part of the standard table.

    ``upsert``: by ``key``, a newer source wins (``latest_by`` where given, else the source's name, then its arrival);
    ``replace``: each receipt is the whole of its partitions, and the newest owns them; ``append``; ``snapshot``: each
    receipt is the register on the day in ``effective``, kept with ``valid_from``/``valid_to`` (SCD-2), or ``valid``
    where the source has its own.

    ``changes``: a receipt tells every change of a thing, so that its key may come several times; the newest row stays
    (``latest_by`` where given, else the last one). ``deleted``: rows that stay in the table as what was last known of
    a thing that is gone; marts do not see them.
    """

    mode: Literal["upsert", "replace", "append", "snapshot"]
    key: tuple[ColumnName, ...] = ()
    partition: PartitionExpression | None = None
    latest_by: ColumnName | None = None
    effective: ColumnName | None = None
    valid: ValidityColumns | None = None
    changes: bool = False
    deleted: DeleteMarker | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode in ("upsert", "snapshot") and not self.key:
            raise ValueError(f"write mode {self.mode} needs a key")
        if self.mode == "snapshot" and (self.effective is None) == (self.valid is None):
            raise ValueError("write mode snapshot needs either effective or valid")
        if self.mode == "replace" and not self.partition:
            raise ValueError("write mode replace needs a partition")
        if self.changes and self.mode != "upsert":
            raise ValueError("write changes needs mode upsert")
        return self


class RowCountBounds(Declaration):
    """Bounds on the number of rows of a batch; ``vs_history`` is the least share of the mean of past batches."""

    min: int | None = None
    max: int | None = None
    vs_history: float | None = None


class TableExpectations(Declaration):
    """Table-level expectations, judged on the staged batch; one that fails holds it."""

    rows: RowCountBounds | None = None
    quarantine_share: float | None = Field(None, ge=0, le=1)
    completeness: dict[ColumnName, float] = {}
    """Least share of rows with a value, by column."""
    unique: tuple[tuple[ColumnName, ...], ...] = ()
    freshness: Duration | None = None
    every_day: bool = True
    """Whether each day has rows, so that a day without any is one that has not come yet; marts wait for it."""


class Contract(Declaration):
    """Everything that citylake needs to know of one dataset."""

    dataset: Identifier
    title: LocalizedText
    description: LocalizedText | None = None
    owner: Owner
    source: Source
    schedule: Schedule | None = None
    reshape: tuple[ReshapeStep, ...] = ()
    sentinels: tuple[str, ...] = ()
    zone: str | None = None
    fields: dict[str, Binding] = Field(min_length=1)
    ignore: tuple[str, ...] = ()
    """Source fields that are known and not bound; they stay in raw."""
    rules: tuple[ContractRule, ...] = ()
    references: tuple[ReferenceRule, ...] = ()
    write: WriteSettings
    drift: DriftPolicy = DriftPolicy()
    expect: TableExpectations = TableExpectations()
