"""What all parts of a file's explanation are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.info_table import OUT
from citylake.pipelines.marts.make.mart_builder import MartBuild
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.make.mart_plan import TablePlan, plan_mart_tables
from citylake.schemas.lint.lint_audiences import mart_datasets
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Span = tuple[object, object]
"""The least and the greatest value of a column; two Nones if it has none."""
_SPANNED = ("DATE", "TIMESTAMP WITH TIME ZONE")


@dataclass
class FileFacts:
    """One new version of a mart: its tables are in the database ``out``, and its explanation is not yet."""

    connection: DuckDBPyConnection
    mart: Mart
    registry: Registry
    lake: Lake
    built: MartBuild
    version: str
    at: datetime

    @cached_property
    def plans(self) -> Mapping[str, TablePlan]:
        """The SELECTs of the tables, and what they read."""
        return plan_mart_tables(self.mart, self.registry)

    @cached_property
    def datasets(self) -> set[str]:
        """Every dataset that the mart draws on, also through other marts."""
        return mart_datasets(self.mart, self.registry)

    def datasets_of(self, table: str) -> set[str]:
        """The datasets that a table draws on, also through other tables and marts."""
        plan = self.plans[table]
        found = set(plan.datasets).union(*map(self.datasets_of, plan.siblings))
        return found.union(*(mart_datasets(self.registry.marts[mart], self.registry) for mart, _ in plan.foreign))

    @cached_property
    def shapes(self) -> Mapping[str, Mapping[str, str]]:
        """Table → column → DuckDB type, as published: with the columns that say where a count is hidden."""
        return {name: self._shape(name) for name in self.mart.tables}

    @cached_property
    def spans(self) -> Mapping[str, Mapping[str, Span]]:
        """Table → day and time columns → their least and greatest values, with the number of rows under ``""``."""
        return {name: self._spans(name) for name in self.mart.tables}

    def element(self, table: str, column: str) -> DataElement | None:
        """The element of a published column; None if it has a text only."""
        declared = self.mart.tables[table].columns.get(column)
        return self.registry.elements.get(declared.element or "") if declared else None

    def code_list(self, table: str, column: str) -> CodeList | None:
        """The code list of a published column."""
        element = self.element(table, column)
        return self.registry.codes.get(element.codes or "") if element else None

    def element_columns(self) -> Iterator[tuple[str, str, DataElement]]:
        """Every published column that has an element: table, column, element."""
        for table, shape in self.shapes.items():
            for column in shape:
                if element := self.element(table, column):
                    yield table, column, element

    def day_span(self, table: str) -> tuple[date, date] | None:
        """The first and the last day of a table; None if it has no day column, or no rows."""
        day = self.mart.tables[table].day
        first, last = self.spans[table].get(day or "", (None, None)) if day else (None, None)
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None

    def rows(self, table: str) -> int:
        """The number of rows."""
        counted = self.spans[table][""][0]
        return counted if isinstance(counted, int) else 0

    def _shape(self, table: str) -> dict[str, str]:
        found = self.connection.execute(f"DESCRIBE {sql_identifier(OUT, 'main', table)}").fetchall()
        return {row[0]: row[1] for row in found}

    def _spans(self, table: str) -> dict[str, Span]:
        spanned = [column for column, kind in self.shapes[table].items() if kind in _SPANNED]
        asked = ["count(*)", "NULL"]
        for column in spanned:
            # Times as microseconds since 1970, in UTC: a value of Python would depend on the session's zone.
            value = sql_identifier(column)
            value = value if self.shapes[table][column] == "DATE" else f"epoch_us({value})"
            kept = f"FILTER (isfinite({sql_identifier(column)}))"
            asked += [f"min({value}) {kept}", f"max({value}) {kept}"]
        sql = f"SELECT {', '.join(asked)} FROM {sql_identifier(OUT, 'main', table)}"
        (row,) = self.connection.execute(sql).fetchall()
        pairs = zip(row[::2], row[1::2], strict=True)
        return dict(zip(("", *spanned), pairs, strict=True))
