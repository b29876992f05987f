"""A dataset's contract: its source and what it promises."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier, LocalizedText
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract_rule import ContractRule, ReferenceRule
from citylake.schemas.model.drift_policy import DriftPolicy
from citylake.schemas.model.place_box import PlaceBox
from citylake.schemas.model.reshape_step import ReshapeStep
from citylake.schemas.model.row_filter import RowFilter
from citylake.schemas.model.source import Source

PartitionExpression = Annotated[str, StringConstraints(pattern=r"^(day|month|year)\([a-z][a-z0-9_]*\)$")]


class Owner(Declaration):
    """The department that publishes the dataset, and the person who corrects it."""

    department: str
    steward: str | None = None


class Schedule(Declaration):
    """When the source is pulled. ``late_days``: how many days late rows may arrive."""

    cron: str
    timezone: str = "Asia/Shanghai"
    late_days: int = 0


class ValidityColumns(Declaration):
    """Validity given by the source, as standard columns."""

    start: ColumnName = Field(alias="from")
    end: ColumnName = Field(alias="to")


class DeleteMarker(Declaration):
    """Which rows report a deletion: ``column`` has one of ``codes``."""

    column: ColumnName
    codes: tuple[str, ...] = Field(min_length=1)


class WriteSettings(Declaration):
    """How a batch becomes part of the standard table.

    ``upsert``: by ``key``, the newer row wins (by ``latest_by`` if given, else by the arrival of its bytes);
    ``replace``: each receipt holds its partitions completely, and the newest receipt replaces them; ``append``;
    ``snapshot``: each receipt is the register on the day in ``effective``, stored with
    ``valid_from``/``valid_to`` (SCD-2), or with ``valid`` if the source has its own.

    ``changes``: a receipt holds every change of an object, so that its key may occur several times; the newest row
    wins (by ``latest_by`` if given, else the last one). ``deleted``: rows with the last known state of a deleted
    object; they stay in the table, and marts do not read them.
    """

    mode: Literal["upsert", "replace", "append", "snapshot"]
    key: tuple[ColumnName, ...] = ()
    partition: PartitionExpression | None = None
    latest_by: ColumnName | None = None
    effective: ColumnName | None = None
    valid: ValidityColumns | None = None
    changes: bool = False
    deleted: DeleteMarker | None = None
    replace_min: float = Field(0.5, ge=0, le=1, exclude_if=lambda value: value == 0.5)
    """``replace``: the least share of a partition's rows that its replacement must bring; if it brings fewer, the
    batch is held. ``snapshot``: likewise for the days of one file.
    """

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
    """Table-level expectations of the staged batch; if one fails, the batch is held."""

    rows: RowCountBounds | None = None
    quarantine_share: float | None = Field(None, ge=0, le=1)
    completeness: dict[ColumnName, float] = {}
    """Least share of rows with a value, by column."""
    unique: tuple[tuple[ColumnName, ...], ...] = ()
    freshness: Duration | None = None
    ahead: Duration | None = Field(None, exclude_if=not_)
    """How far ahead of now the rows of a forecast may be. Later rows are reported and do not count as fresh."""
    every_day: bool = True
    """Whether each day has rows. If so, marts wait for a day that has none yet."""


class Contract(Declaration):
    """Everything that citylake needs to know about one dataset."""

    dataset: Identifier
    title: LocalizedText
    description: LocalizedText | None = None
    owner: Owner
    source: Source
    schedule: Schedule | None = None
    where: RowFilter = Field({}, exclude_if=not_)
    """Which rows of the source are the dataset's, before ``reshape``; the others are counted, and are in raw only."""
    reshape: tuple[ReshapeStep, ...] = ()
    sentinels: tuple[str, ...] = ()
    zone: str | None = None
    bounds: PlaceBox | None = Field(None, exclude_if=lambda value: value is None)
    """The box in which its places lie; by default the workspace's."""
    fields: dict[str, Binding] = Field(min_length=1)
    ignore: tuple[str, ...] = ()
    """Source fields that are known and not bound; they are in raw only. ``*`` stands for any text: ``note_*``."""
    rules: tuple[ContractRule, ...] = ()
    references: tuple[ReferenceRule, ...] = ()
    write: WriteSettings
    drift: DriftPolicy = DriftPolicy()
    expect: TableExpectations = TableExpectations()
