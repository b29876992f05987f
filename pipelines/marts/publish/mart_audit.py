"""What the expectations of a mart are evaluated on: the tables of its new version, and the version before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_builder import MartBuild
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.quality.audit.audit_input import CheckedRows
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OUT = "out"
"""The attached database with the tables of the new version."""


@dataclass(frozen=True, slots=True)
class MartAudit:
    """A new version before it is published. ``rows``: by table. ``before``: rows of the published version."""

    connection: DuckDBPyConnection
    mart: Mart
    registry: Registry
    lake: Lake
    built: MartBuild
    rows: Mapping[str, int]
    before: Mapping[str, int]
    now: datetime

    @property
    def today(self) -> date:
        """The day in progress, in the workspace's zone."""
        return self.now.astimezone(ZoneInfo(self.registry.workspace.settings.timezone)).date()

    def checked(self, name: str) -> CheckedRows:
        """Return the rows of one table."""
        view = sql_identifier(OUT, name)
        columns = {row[0]: row[1] for row in self.connection.execute(f"DESCRIBE {view}").fetchall()}
        return CheckedRows(f"mart.{self.mart.mart}.{name}", self.connection, columns, view)

    def days(self, name: str, table: MartTable) -> list[date]:
        """Return the complete days of a table, oldest first."""
        if table.day is None:
            return []
        column = sql_identifier(table.day)
        sql = f"SELECT DISTINCT {column} FROM {sql_identifier(OUT, name)} WHERE {column} IS NOT NULL ORDER BY 1"
        return [day for (day,) in self.connection.execute(sql).fetchall() if day < self.today]
