"""What lineage tells: tables, what their columns are made from, and what a run made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Owner
from citylake.schemas.model.declaration import LocalizedText
from citylake.schemas.sql.transformation_types import TransformationType
from citylake.schemas.words.errors import Problem


@dataclass(frozen=True, slots=True, order=True)
class DatasetName:
    """A dataset by OpenLineage's naming: ``file`` and a path, ``s3://bucket`` and a key, ``postgres://host:5432`` …"""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class ColumnLink:
    """One column that a column, or the choice of rows, depends on."""

    place: DatasetName
    field: str
    how: TransformationType
    note: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class LineageColumn:
    """``type`` is DuckDB's; none where a source gives text or does not say."""

    name: str
    type: str | None = None
    about: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What a run made of a table: its version, the rows that were written, and how they were judged."""

    version: int | str | None = None
    written: int | None = None
    first: bool = False
    """The table did not exist before."""
    whole: bool = False
    """What was there before is gone."""
    judged: int | None = None
    """Rows that were looked at."""
    checks: tuple[CheckResult, ...] = ()


@dataclass(frozen=True, slots=True)
class LineageTable:
    """A table, file or service, with what is known of it."""

    place: DatasetName
    title: LocalizedText
    columns: tuple[LineageColumn, ...] = ()
    links: Mapping[str, tuple[ColumnLink, ...]] = field(default_factory=dict)
    """By column, what its values come from."""
    rows: tuple[ColumnLink, ...] = ()
    """What decides which rows there are."""
    owner: Owner | None = None
    made: WriteOutcome = WriteOutcome()


@dataclass(frozen=True, slots=True)
class JobLineage:
    """One job's run: what it read and what it wrote. ``problems`` are those that stopped it, if any did."""

    job: str
    title: LocalizedText
    inputs: tuple[LineageTable, ...]
    outputs: tuple[LineageTable, ...]
    sql: str = ""
    stopped: bool = False
    problems: tuple[Problem, ...] = ()
