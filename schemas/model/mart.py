"""A mart: a group of tables that are published together as one DuckDB file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import (
    ColumnName,
    Declaration,
    Duration,
    Identifier,
    LocalizedText,
    parse_duration,
)
from citylake.schemas.model.element import Sensitivity

DEFAULT_TIMEOUT = "6h"


class MartColumn(Declaration):
    """A column's meaning: an element, or a text for a count or share that has no element."""

    element: Identifier | None = None
    text: LocalizedText | None = None


class MartCheck(Declaration):
    """``sql`` counts faulty rows; if there is one, the mart is not published."""

    name: LocalizedText
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
    engine: Literal["duckdb"] = "duckdb"
    checks: tuple[MartCheck, ...] = ()


class Mart(Declaration):
    """Tables for one audience, and the highest sensitivity that it may see.

    ``optional``: datasets that not every city has, with the columns that the mart reads, each with its element. If
    the workspace does not declare one, it is a table without rows.

    ``wait``: in Airflow, how long a day waits for datasets that have no rows of it yet, from the end of the day or
    from its first rows, whichever is later; it is then built without them and marked incomplete. Null: it never waits.
    ``partition``: the period of one run in Airflow. ``timeout``: the longest time of one SELECT or check.
    """

    mart: ColumnName
    title: LocalizedText
    audience: LocalizedText
    highest: Sensitivity = Sensitivity()
    optional: dict[Identifier, dict[ColumnName, Identifier]] = {}
    wait: Duration | None = "36h"
    partition: Literal["day", "month"] = "day"
    timeout: Duration = Field(DEFAULT_TIMEOUT, exclude_if=lambda value: value == DEFAULT_TIMEOUT)
    tables: dict[ColumnName, MartTable] = Field(min_length=1)

    @property
    def timeout_s(self) -> float:
        """``timeout`` in seconds."""
        return parse_duration(self.timeout).total_seconds()
