"""A mart: a group of tables that are published together as one DuckDB file."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from citylake.schemas.base.declaration import (
    ColumnName,
    Declaration,
    Duration,
    Identifier,
    LocalizedText,
    parse_duration,
)
from citylake.schemas.model.dataset_owner import Owner
from citylake.schemas.model.element import Measure, Sensitivity
from citylake.schemas.model.expectations import CheckSeverity, MartExpectations
from citylake.schemas.model.suppression import Suppression
from citylake.schemas.words.issue_type import QualityDimension

DEFAULT_TIMEOUT = "6h"
DEFAULT_MINIMUM_GROUP = 10
"""The least persons of a group of which sensitive numbers may be published."""
Agreement = Annotated[str, StringConstraints(min_length=1)]


def _only_said(_: object) -> bool:
    """Say that a text is no part of a fingerprint: it is published, and changes no row."""
    return True


class MartColumn(Declaration):
    """A column's meaning: an element, or a text for a count or share that has no element.

    A column with a text may say its unit, and what may be added up.
    """

    element: Identifier | None = None
    text: LocalizedText | None = None
    unit: str | None = Field(None, exclude_if=not_)
    measure: Measure | None = Field(None, exclude_if=not_)
    empty: LocalizedText | None = Field(None, exclude_if=_only_said)
    """What an empty value means."""


class MartCheck(Declaration):
    """``sql`` counts faulty rows; if there is one, the mart is not published, or it is reported (``warning``)."""

    name: LocalizedText
    sql: str
    severity: CheckSeverity = Field("error", exclude_if=lambda value: value == "error")
    dimension: QualityDimension = Field("accuracy", exclude_if=lambda value: value == "accuracy")


class MartQuestion(Declaration):
    """A question that the mart answers: ``sql`` is one SELECT over the mart's tables.

    Its columns carry their units, as those of tables; the first value of the first row is the figure.
    """

    id: ColumnName
    text: LocalizedText
    sql: str


class MartTable(Declaration):
    """One table. Its SELECT is in ``<table>.sql`` in the folder of ``mart.yaml``.

    ``day`` names the column with the day of a row: the table is then built for changed days only, with
    ``lookback_days`` more days of input before them.
    """

    title: LocalizedText
    grain: tuple[ColumnName, ...] = Field(min_length=1)
    columns: dict[ColumnName, MartColumn] = Field(min_length=1)
    day: ColumnName | None = None
    lookback_days: int = 0
    engine: Literal["duckdb", "spark", "auto"] = "duckdb"
    """What runs the SELECT; ``auto``: Spark if the inputs are large (see ``CITYLAKE_SPARK_AUTO``)."""
    checks: tuple[MartCheck, ...] = ()
    expect: MartExpectations = Field(MartExpectations(), exclude_if=lambda value: value == MartExpectations())
    suppress: Suppression | None = Field(None, exclude_if=lambda value: value is None)
    description: LocalizedText | None = Field(None, exclude_if=_only_said)
    owner: Owner | None = Field(None, exclude_if=_only_said)
    """Who answers for the table; by default the mart's owner."""
    caveats: tuple[LocalizedText, ...] = Field((), exclude_if=_only_said)
    """What a reader has to know before using the numbers."""


class Mart(Declaration):
    """Tables for one audience, and the highest sensitivity that it may see.

    ``optional``: datasets that not every city has, with the columns that the mart reads, each with its element. If
    the workspace does not declare one, it is a table without rows.

    ``wait``: in Airflow, how long a day waits for datasets that have no rows of it yet, from the end of the day or
    from its first rows, whichever is later; it is then built without them and marked incomplete. Null: it never waits.
    ``minimum_group``: the least persons of a group whose counts, sums and means of sensitive columns are published.
    ``partition``: the period of one run in Airflow. ``timeout``: the longest time of one SELECT or check.
    """

    mart: ColumnName
    title: LocalizedText
    audience: LocalizedText
    highest: Sensitivity = Sensitivity()
    minimum_group: int = Field(DEFAULT_MINIMUM_GROUP, exclude_if=lambda value: value == DEFAULT_MINIMUM_GROUP)
    readers: Identifier | None = Field(None, exclude_if=not_)
    """The group of ``readers`` in ``workspace.yaml`` that may open the files; by default the umask decides."""
    agreement: dict[Identifier, Agreement] = Field({}, exclude_if=not_)
    """By dataset that is shared under a condition: the document by which the readers meet it."""
    optional: dict[Identifier, dict[ColumnName, Identifier]] = {}
    wait: Duration | None = "36h"
    partition: Literal["day", "month"] = "day"
    timeout: Duration = Field(DEFAULT_TIMEOUT, exclude_if=lambda value: value == DEFAULT_TIMEOUT)
    tables: dict[ColumnName, MartTable] = Field(min_length=1)
    description: LocalizedText | None = Field(None, exclude_if=_only_said)
    owner: Owner | None = Field(None, exclude_if=_only_said)
    """Who answers for the mart, and whom its readers ask."""
    licence: LocalizedText | None = Field(None, exclude_if=_only_said)
    """What readers may do with the numbers."""
    questions: tuple[MartQuestion, ...] = Field((), exclude_if=_only_said)
    """What the mart answers, the most important question first."""

    @property
    def timeout_s(self) -> float:
        """``timeout`` in seconds."""
        return parse_duration(self.timeout).total_seconds()

    @property
    def hides_counts(self) -> bool:
        """Whether small counts of a table are hidden in what is published."""
        return any(table.suppress for table in self.tables.values())
