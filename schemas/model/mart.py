"""A mart: a group of tables that are published together as one DuckDB file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.model.declaration import ColumnName, Declaration, Duration, Identifier, LocalizedText
from citylake.schemas.model.element import Sensitivity


class MartColumn(Declaration):
    """A column's meaning: an element, or words where it is a count or share that no element names."""

    element: Identifier | None = None
    text: LocalizedText | None = None


class MartCheck(Declaration):
    """``sql`` counts the rows that should not be; any such row stops the publication."""

    name: LocalizedText
    sql: str


class MartTable(Declaration):
    """One table. Its SELECT stands beside ``mart.yaml`` as ``<table>.sql``.

    ``day`` names the column that says which day a row belongs to: the table is then built for changed days only,
    with ``lookback_days`` more days of input before them.
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

    ``optional``: datasets that not every city has, with the columns that are read of them, each by its element. Where
    the workspace does not declare one, it is read as a table without rows.

    ``wait``: in Airflow, how long a day waits for the datasets that have no rows of it yet, from the day's end or from
    its first news, whichever is later; it is then built without them and said to be incomplete. Null: it never waits.
    ``partition``: what one run in Airflow stands for.
    """

    mart: ColumnName
    title: LocalizedText
    audience: LocalizedText
    highest: Sensitivity = Sensitivity()
    optional: dict[Identifier, dict[ColumnName, Identifier]] = {}
    wait: Duration | None = "36h"
    partition: Literal["day", "month"] = "day"
    tables: dict[ColumnName, MartTable] = Field(min_length=1)
