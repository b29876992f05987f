"""Writes all that a published file says about itself, within the transaction that made its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.code_tables import CODES, write_code_tables
from citylake.pipelines.marts.explain.column_notes import write_column_notes
from citylake.pipelines.marts.explain.column_origins import OriginFinder
from citylake.pipelines.marts.explain.date_dimension import DIMENSIONS, write_date_dimension
from citylake.pipelines.marts.explain.dimensions import write_code_dimensions, write_dataset_dimensions
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import OUT
from citylake.pipelines.marts.explain.lake_lookup import (
    LakeLookup,
    create_lookup_views,
    find_code_tables,
    find_dimensions,
)
from citylake.pipelines.marts.explain.named_views import NAMED, write_named_views
from citylake.pipelines.marts.explain.table_notes import write_input_notes, write_question_notes, write_table_notes
from citylake.pipelines.marts.make.mart_engine import ROOM, sql_identifier
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Lookups:
    """The datasets from which a file takes the names of its keys and codes."""

    dimensions: tuple[LakeLookup, ...] = ()
    codes: Mapping[str, LakeLookup] | None = None

    @property
    def all(self) -> tuple[LakeLookup, ...]:
        """Every one of them."""
        return (*self.dimensions, *(self.codes or {}).values())


def find_lookups(mart: Mart, registry: Registry, lake: Lake) -> Lookups:
    """Return what the readers of ``mart`` may have of the datasets that describe its keys and codes."""
    return Lookups(tuple(find_dimensions(mart, registry, lake)), find_code_tables(mart, registry, lake))


def open_lookups(connection: DuckDBPyConnection, registry: Registry, lake: Lake, lookups: Lookups) -> None:
    """Make ``lookups`` readable. To be called before the transaction of the file: it writes to one database only."""
    create_lookup_views(connection, registry, lake, lookups.all)


def explain_file(facts: FileFacts, lookups: Lookups) -> None:
    """Write ``_tables``, ``_columns``, ``_inputs``, ``_questions`` and the schemas ``codes``, ``dim`` and ``named``.

    A transaction is open that has written the tables and the passport.
    """
    for schema in (CODES, DIMENSIONS, NAMED):
        facts.connection.execute(f"CREATE SCHEMA {sql_identifier(OUT, schema)}")
    codes = write_code_tables(facts, lookups.codes or {})
    write_date_dimension(facts)
    write_dataset_dimensions(facts, lookups.dimensions)
    origins = OriginFinder(facts.registry)
    write_table_notes(facts, origins)
    write_column_notes(facts, origins, {name: f"{CODES}.{table}" for name, table in codes.items()})
    write_input_notes(facts)
    write_question_notes(facts)
    facts.connection.execute(f"USE {OUT}")
    write_code_dimensions(facts, codes, [each.name for each in lookups.dimensions])
    write_named_views(facts, codes, lookups.dimensions)
    facts.connection.execute(f"USE {ROOM}")
