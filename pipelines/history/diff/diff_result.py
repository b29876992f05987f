"""What a comparison of two versions of a mart found: rows, columns, cells, and the causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from citylake.pipelines.history.diff.mart_versions import MartVersion

CauseKind = Literal[
    "delivery", "late", "correction", "released", "replay", "forgotten",
    "contract", "element", "code_list", "crosswalk", "settings", "declarations",
    "sql", "mart", "edition", "citylake",
    "upstream", "links", "waited", "rounding", "other",
]  # fmt: skip
"""``declarations``: some declaration that is not on record. The message catalogue has ``diff.cause_<kind>``."""

RowStatus = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A declaration file with other lines than before. ``lines``: a unified diff without a heading, cut if long."""

    path: str
    lines: tuple[str, ...]
    cut: int = 0
    """Lines that are left out."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """Standard rows that a batch added, removed and changed, by the contract's key."""

    added: int = 0
    removed: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for which cells changed."""

    kind: CauseKind
    at: datetime | None = None
    """When it took effect."""
    dataset: str | None = None
    batch: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the sentence about it says."""
    days: frozenset[date] | None = None
    """The days of the dataset that it touches; None: any."""
    files: tuple[ChangedFile, ...] = ()
    because: tuple[Cause, ...] = ()
    """Causes of a change of another mart."""
    receipts: tuple[str, ...] = ()
    rows: RowCount | None = None


@dataclass(frozen=True, slots=True)
class NumberedCause:
    """A cause with its number in the result, in order of time, and the cells that it reaches."""

    number: int
    cause: Cause
    cells: Mapping[str, int]
    """Table → changed cells, added and removed rows counted as one each."""


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """A column with changed values in rows that both versions have. Differences are those of numbers, absolute."""

    column: str
    rows: int
    emptied: int
    filled: int
    largest: float | None = None
    median: float | None = None


@dataclass(frozen=True, slots=True)
class CellChange:
    """A changed cell; ``column`` is empty for an added or removed row, whose values stand in ``row``."""

    table: str
    status: RowStatus
    key: Mapping[str, Any]
    column: str
    before: Any
    after: Any
    causes: tuple[int, ...]
    """Numbers of the causes, in order of time."""


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One table in both versions."""

    table: str
    status: Literal["both", "added", "removed"]
    rows_before: int
    rows_after: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: tuple[ColumnDifference, ...] = ()
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    causes: tuple[int, ...] = ()
    """Of a table or column that only one version has."""
    traced: bool = True
    """Whether causes were found by computing the table again; False: by the days that each cause touches."""
    examples: tuple[CellChange, ...] = ()


@dataclass(frozen=True, slots=True)
class MartDifference:
    """Two versions of one mart."""

    before: MartVersion
    after: MartVersion
    tables: tuple[TableDifference, ...]
    causes: tuple[NumberedCause, ...]
    timezone: str
    """That of the workspace, when the mart was published last."""
    notes: tuple[str, ...] = ()
    """Keys of the message catalogue: what could not be said, and why."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not any(
            each.status != "both"
            or each.added
            or each.removed
            or each.changed
            or each.columns_added
            or each.columns_removed
            for each in self.tables
        )
