"""``expect`` of a contract, and of a table of a mart: promises about a whole batch or table."""

from __future__ import annotations

from collections.abc import Container
from operator import not_
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier

KEPT_MIN = 0.5
"""The least share of a table's rows that its next state must have. Applies without ``expect``; 0 turns it off."""
LIKE_DAYS = 4
"""So many days of a day's kind must be known before its rows are compared with them."""
SEVERITY_KINDS = (
    "rows", "all_refused", "quarantine_share", "completeness", "unique", "freshness", "future_times", "day_freshness",
    "days_present", "shift", "reference", "totals", "intervals",
)  # fmt: skip
"""The first words of the names of checks whose severity ``severity`` may set."""

Share = Annotated[float, Field(ge=0, le=1)]
CheckSeverity = Literal["error", "warning"]


def _names_an_expectation(name: str) -> str:
    if name.partition(".")[0] not in SEVERITY_KINDS or name == "rows.staged":
        raise ValueError("severity names no expectation")
    return name


CheckName = Annotated[str, AfterValidator(_names_an_expectation)]
CheckSeverities = dict[CheckName, CheckSeverity]
ShiftLimits = dict[ColumnName, Annotated[float, Field(gt=0)]]
"""Greatest population stability index of a column's day against like days; 0.25 is a major shift."""
DayCount = Annotated[int, Field(ge=2)]


class RowCountBounds(Declaration):
    """Bounds on the number of rows.

    ``min`` and ``max``: of a batch, or of a mart's table. ``vs_history``: the least share of the median of like days
    that each day of the batch must reach (of earlier batches, if the table has no days). ``like_days``: how many such
    days must be known; below it, nothing is judged. ``kept_min``: the least share of its rows that a register or a
    mart's table must keep.
    """

    min: int | None = None
    max: int | None = None
    vs_history: float | None = None
    like_days: int = Field(LIKE_DAYS, ge=1, exclude_if=lambda value: value == LIKE_DAYS)
    kept_min: float = Field(KEPT_MIN, ge=0, le=1, exclude_if=lambda value: value == KEPT_MIN)


class DisjointIntervals(Declaration):
    """Rows with the same values of ``by`` have intervals that do not overlap: one thing is leased once at a time.

    ``start``: the column with the beginning, which belongs to the interval. ``end``: the column with the end, which
    does not, unless ``closed``; an interval without an end goes on. Rows without a value of ``by`` or a beginning are
    not judged, and an interval that ends before it begins overlaps nothing.
    """

    by: tuple[ColumnName, ...] = Field(min_length=1)
    start: ColumnName = Field(alias="from")
    end: ColumnName = Field(alias="to")
    closed: bool = Field(False, exclude_if=not_)  # noqa: FBT003

    @property
    def columns(self) -> tuple[ColumnName, ...]:
        """Every column that it is about."""
        return (*self.by, self.start, self.end)

    @property
    def check_name(self) -> str:
        """The name of its check."""
        return f"intervals.{'+'.join(self.by)}.{self.start}"


class TableExpectations(Declaration):
    """Expectations of the staged batch; if one fails, the batch is held.

    ``severity`` sets the severity of checks by their names, or the first part of them (``completeness``): a broken
    one of severity ``error`` holds the batch, one of severity ``warning`` is recorded.
    """

    # The order of the fields that had no exclude_if at first is part of the fingerprints of contracts.
    rows: RowCountBounds | None = None
    quarantine_share: float | None = Field(None, ge=0, le=1)
    all_refused: Literal["hold", "report"] = Field("hold", exclude_if=lambda value: value == "hold")
    """What to do with a batch of which every row was refused."""
    completeness: dict[ColumnName, float] = {}
    """Least share of rows with a value, by column."""
    unique: tuple[tuple[ColumnName, ...], ...] = ()
    freshness: Duration | None = None
    ahead: Duration | None = Field(None, exclude_if=not_)
    """How far ahead of now the rows of a forecast may be. Later rows are reported and do not count as fresh."""
    every_day: bool = True
    """Whether each day has rows. If so, marts wait for a day that has none yet."""
    day_freshness: Duration | None = Field(None, exclude_if=not_)
    """How long before the end of a complete day its newest row may be."""
    days_present: DayCount | None = Field(None, exclude_if=not_)
    """So many days up to the newest complete one must have rows."""
    shift: ShiftLimits = Field({}, exclude_if=not_)
    severity: CheckSeverities = Field({}, exclude_if=not_)
    intervals: tuple[DisjointIntervals, ...] = Field((), exclude_if=not_)
    """Intervals of which no two of the same thing may overlap, in the batch and in the table that it joins."""

    def of_many_deliveries(self) -> Self:
        """The same without the promises about one delivery: rows, freshness and shifts of its days."""
        kept = RowCountBounds(kept_min=self.rows.kept_min) if self.rows else None
        alone: dict[str, object] = {"freshness": None, "day_freshness": None, "days_present": None, "shift": {}}
        return self.model_copy(update={"rows": kept, **alone})


class MartReference(Declaration):
    """Values of ``columns`` should exist in ``keys`` of a table of the mart or of a dataset's standard table."""

    columns: tuple[ColumnName, ...] = Field(min_length=1)
    table: Identifier
    keys: tuple[ColumnName, ...] = Field(min_length=1)
    share: Share = 1.0
    """Least share of the rows that must have a match."""

    @model_validator(mode="after")
    def _paired(self) -> Self:
        if len(self.columns) != len(self.keys):
            raise ValueError("columns and keys of a reference differ in number")
        return self


class ConservedTotal(Declaration):
    """The sum of a mart's column equals that of its input, day by day.

    ``source``: ``dataset.column``, whose sum it is, or ``dataset`` alone, whose rows are counted. ``where``: a
    condition on the input's rows. ``tolerance``: by which share of the input's total the two may differ.
    """

    source: Identifier = Field(alias="from")
    where: str | None = None
    tolerance: Share = 0.0

    def input(self, datasets: Container[str]) -> tuple[str, str | None]:
        """Return the dataset of the source, one of ``datasets``, and its column; None if rows are counted."""
        if self.source in datasets:
            return self.source, None
        dataset, _, column = self.source.rpartition(".")
        return dataset, column


class MartExpectations(Declaration):
    """Expectations of a table of a mart; if one of severity ``error`` fails, the version is not published."""

    rows: RowCountBounds | None = None
    completeness: dict[ColumnName, Share] = {}
    unique: tuple[tuple[ColumnName, ...], ...] = ()
    references: tuple[MartReference, ...] = ()
    totals: dict[ColumnName, ConservedTotal] = {}
    days_present: DayCount | None = None
    shift: ShiftLimits = {}
    severity: CheckSeverities = {}
    intervals: tuple[DisjointIntervals, ...] = Field((), exclude_if=not_)
