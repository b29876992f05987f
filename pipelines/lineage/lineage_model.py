"""The lineage model: tables, column dependencies, and the outcome of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from citylake.quality.check_result import CheckResult
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.dataset_owner import Owner
from citylake.schemas.sql.transformation_types import TransformationType
from citylake.schemas.words.errors import Problem


@dataclass(frozen=True, slots=True, order=True)
class DatasetName:
    """An OpenLineage dataset name: ``file`` and a path, ``s3://bucket`` and a key, ``postgres://host:5432`` …"""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class ColumnLink:
    """One column on which a column, or the set of rows, depends."""

    place: DatasetName
    field: str
    how: TransformationType
    note: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class LineageColumn:
    """``type``: DuckDB type, or None if the source has text or no known type. ``about``: description."""

    name: str
    type: str | None = None
    about: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What a run did to a table. ``version``: Delta or mart version; ``written``: rows written; ``checks``: results."""

    version: int | str | None = None
    written: int | None = None
    first: bool = False
    """The run created the table."""
    whole: bool = False
    """The run replaced all rows."""
    judged: int | None = None
    """Number of rows checked."""
    checks: tuple[CheckResult, ...] = ()


@dataclass(frozen=True, slots=True)
class LineageTable:
    """A table, file or service as input or output of a job."""

    place: DatasetName
    title: LocalizedText
    columns: tuple[LineageColumn, ...] = ()
    links: Mapping[str, tuple[ColumnLink, ...]] = field(default_factory=dict)
    """Column → the columns that its values come from."""
    rows: tuple[ColumnLink, ...] = ()
    """The columns that decide which rows exist."""
    owner: Owner | None = None
    made: WriteOutcome = WriteOutcome()


@dataclass(frozen=True, slots=True)
class JobLineage:
    """One run of a job: inputs and outputs. ``problems``: what stopped it; empty if it was not ``stopped``."""

    job: str
    title: LocalizedText
    inputs: tuple[LineageTable, ...]
    outputs: tuple[LineageTable, ...]
    sql: str = ""
    stopped: bool = False
    problems: tuple[Problem, ...] = ()
