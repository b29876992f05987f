"""A dataset's contract: its source and what it promises."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Identifier, LocalizedText
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract_rule import ContractRule, ReferenceRule
from citylake.schemas.model.dataset_owner import Owner
from citylake.schemas.model.dimension import DatasetDimension
from citylake.schemas.model.drift_policy import DriftPolicy
from citylake.schemas.model.expectations import TableExpectations
from citylake.schemas.model.place_box import PlaceBox
from citylake.schemas.model.quarantine_settings import QuarantineSettings
from citylake.schemas.model.reshape_step import ReshapeStep
from citylake.schemas.model.row_filter import RowFilter
from citylake.schemas.model.sensor_rules import SensorRules
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.model.source import Source

PartitionExpression = Annotated[str, StringConstraints(pattern=r"^(day|month|year)\([a-z][a-z0-9_]*\)$")]


class Schedule(Declaration):
    """When the source is pulled. ``late_days``: how many days late rows may arrive."""

    cron: str
    timezone: str = "Asia/Shanghai"
    late_days: int = Field(0, ge=0)


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
    sensors: SensorRules | Literal[False] | None = Field(None, exclude_if=lambda value: value is None)
    """Rules for series of sensors. By default a dataset whose key is identifiers and a time has them; false: none."""
    write: WriteSettings
    drift: DriftPolicy = DriftPolicy()
    expect: TableExpectations = TableExpectations()
    # Never part of the fingerprint: who may have the data does not change what bytes become.
    sharing: Sharing | None = Field(None, exclude_if=lambda _: True)
    """Whether other departments may have it; by default nothing is said."""
    # Never part of the fingerprint: how files lie on the disk does not change what bytes become.
    seal: bool | None = Field(None, exclude_if=lambda _: True)
    """Whether landed and raw files are encrypted; by default if a field holds personal data of grade L3 or above."""
    # Never part of the fingerprint: a due date does not change what bytes become.
    quarantine: QuarantineSettings | None = Field(None, exclude_if=lambda _: True)
    """When its quarantined rows are due; by default as the workspace says."""
    # Never part of the fingerprint: what marts show beside a key does not change what bytes become.
    dimension: DatasetDimension | None = Field(None, exclude_if=lambda _: True)
    """What marts that have the key show beside it: a station's name and place."""
