"""What a trial found, by dataset: the rows and the columns that the changed declarations read differently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from citylake.pipelines.records import RowCounts
from citylake.schemas.words.errors import Problem

TrialStatus = Literal["compared", "held", "faulty", "removed", "empty"]
"""``held``: one of the readings would hold the batch, so that there is nothing to compare; ``faulty``: the changed
declarations cannot be used; ``removed``: they do not have the dataset; ``empty``: the lake has none of its bytes."""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Rows that were refused for one issue; a row with two reasons counts for both."""

    code: str
    rows: int


@dataclass(frozen=True, slots=True)
class RowExample:
    """One row (``RECEIPT/ROW[/PART]``) with the first reason for which one of the readings refuses it."""

    row: str
    code: str
    field: str
    value: str | None


@dataclass(frozen=True, slots=True)
class RowChanges:
    """Rows that only one of the readings refuses."""

    rows: int = 0
    reasons: tuple[ReasonCount, ...] = ()
    examples: tuple[RowExample, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueExample:
    """One value, before and after."""

    row: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column with other values in ``rows`` of the rows that both readings accept.

    ``emptied`` and ``filled`` of them lose or gain their value. For numbers, ``smallest``, ``median`` and ``largest``
    are those of the differences (after - before), in the column's unit.
    """

    column: str
    rows: int
    emptied: int
    filled: int
    smallest: float | None = None
    median: float | None = None
    largest: float | None = None
    examples: tuple[ValueExample, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingDifference:
    """How two readings of the same receipts differ. ``only_today``, ``only_changed``: rows accepted by one alone."""

    bad: RowChanges = RowChanges()
    good: RowChanges = RowChanges()
    other_reasons: int = 0
    """Rows that both refuse, for other reasons."""
    only_today: int = 0
    only_changed: int = 0
    changed_rows: int = 0
    columns: tuple[ColumnChange, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Columns that only the changed contract has, or only today's."""
    days: tuple[str, ...] = ()
    """The partitions with any difference: days, months or years."""

    @property
    def moves_rows(self) -> bool:
        """Whether the table would have other rows, and not only other values."""
        return bool(self.bad.rows or self.good.rows or self.only_today or self.only_changed)


@dataclass(frozen=True, slots=True)
class DatasetTrial:
    """One dataset that the change concerns."""

    dataset: str
    status: TrialStatus
    receipts: int = 0
    receipts_total: int = 0
    share: float = 1.0
    """The part of the bytes that was read, from 0 to 1; below 1, all counts are of a sample."""
    today: RowCounts = field(default_factory=RowCounts)
    changed: RowCounts = field(default_factory=RowCounts)
    difference: ReadingDifference = ReadingDifference()
    marts: tuple[str, ...] = ()
    """``mart.table.column``, or ``mart.table`` if its rows change."""
    problems_today: tuple[Problem, ...] = ()
    problems_changed: tuple[Problem, ...] = ()
    held_today: bool = False
    held_changed: bool = False

    @property
    def worse(self) -> bool:
        """Whether rows become bad, or can no longer be read at all."""
        lost = self.status in ("faulty", "removed") or (self.held_changed and not self.held_today)
        return lost or self.difference.bad.rows > 0

    def estimate(self, rows: int) -> int:
        """The rows of all receipts, if those of the sample are ``rows``."""
        return round(rows / self.share) if self.share else rows


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """All datasets that the change concerns, the number of the others, and the marts that a changed index concerns."""

    change: str
    datasets: tuple[DatasetTrial, ...] = ()
    unchanged: int = 0
    indices: tuple[str, ...] = ()
    """Ids of changed editions of an index; only marts use them."""
    index_marts: tuple[str, ...] = ()
    since: str | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def sampled(self) -> bool:
        """Whether any figure is of a sample."""
        return any(item.receipts < item.receipts_total for item in self.datasets)

    @property
    def exit_code(self) -> int:
        """2 if rows become bad, else 0."""
        return 2 if any(item.worse for item in self.datasets) else 0
