"""Builds one table of a mart: its inputs, its stale days, and its SELECT."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import duckdb
from deltalake.exceptions import DeltaError

from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.lake.duckdb_timeout import TimeLimit, interrupt_after
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import ChangedDays, changed_table_days, merge_changed_days
from citylake.pipelines.marts.make import curated_table, duckdb_types
from citylake.pipelines.marts.make.delta_views import (
    create_curated_view,
    create_empty_view,
    create_links_view,
    create_standard_view,
)
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier
from citylake.pipelines.marts.make.mart_plan import TablePlan
from citylake.pipelines.marts.make.rebuild_days import BuildInputs, days_to_read, find_stale_days
from citylake.pipelines.marts.make.selected_rows import SelectedRows
from citylake.pipelines.marts.make.shifted_days import affected_days, partition_days
from citylake.pipelines.marts.make.stored_types import stored_value
from citylake.pipelines.marts.spark.engine_choice import may_run_on_spark, runs_on_spark
from citylake.schemas.base.pack_folders import index_files
from citylake.schemas.model.entity import ENTITY_SCHEMA
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class TableBuild:
    """One table of a mart to build."""

    mart: Mart
    name: str
    planned: TablePlan
    registry: Registry
    lake: Lake

    @property
    def table(self) -> MartTable:
        """The table's declaration."""
        return self.mart.tables[self.name]

    @property
    def root(self) -> str:
        """The folder of the curated Delta table."""
        return self.lake.curated(self.mart.mart, self.name)

    @property
    def tables_read(self) -> list[tuple[str, str]]:
        """The mart tables that the table reads, as (mart, table)."""
        return sorted({(self.mart.mart, name) for name in self.planned.siblings} | self.planned.foreign)

    def roots(self) -> dict[str, str]:
        """Return input → folder of its Delta table."""
        found = {dataset: self.lake.standard(dataset) for dataset in sorted(self.planned.datasets)}
        linked = (self.registry.entities[name] for name in sorted(self.planned.entities))
        found |= {entity.table: self.lake.curated(ENTITY_SCHEMA, entity.entity) for entity in linked}
        return found | {f"mart.{mart}.{table}": self.lake.curated(mart, table) for mart, table in self.tables_read}


def current_build_inputs(work: TableBuild) -> BuildInputs:
    """Return the current inputs of the table: its fingerprint, and the Delta version of each input."""
    return BuildInputs(
        _fingerprint(work), {name: delta_version(work.lake, root) for name, root in work.roots().items()}
    )


def stale_table_days(work: TableBuild, held: DeltaTable | None, now: BuildInputs, *, full: bool) -> ChangedDays | None:
    """Return the days to rebuild of the table as it is ``held``; None: the whole table."""
    before = curated_table.read_build_inputs(held)
    if full or before is None or before.fingerprint != now.fingerprint or before.versions.keys() != now.versions.keys():
        return None
    changed = (_changed_days(work, name, before.versions[name]) for name in work.roots())
    return find_stale_days(work.table, changed, before.pending)


def _changed_days(work: TableBuild, name: str, since: int) -> ChangedDays | None:
    """The table's days that an input changed after version ``since``."""
    changed = changed_table_days(work.lake, work.roots()[name], since)
    return affected_days(name, work.registry, changed) if name in work.planned.datasets else changed


def changed_input_days(work: TableBuild, stale: ChangedDays | None) -> ChangedDays:
    """Return changed day → time of its change. For a full rebuild, as far back as the inputs' logs reach."""
    if stale is not None:
        return stale
    told = (_changed_days(work, name, -1) for name in work.roots())
    return merge_changed_days([days for days in told if days is not None]) or {}


def build_table_days(
    work: TableBuild, held: DeltaTable | None, now: BuildInputs, days: tuple[date, ...] | None, engine: MartEngine
) -> int:
    """Build ``days`` of the table (None: all except those pending in ``now``). Return the version that this makes.

    ``held``: the table when the days were planned. Raises MART_SQL_FAILED, MART_SQL_TIMED_OUT, MART_COLUMNS_DIFFER,
    MART_TYPE_UNSTORED, the errors of ``build_on_spark`` if the table's SELECT runs there, and CommitFailedError if
    another run has changed the table since.
    """
    if may_run_on_spark(work.table):
        from citylake.pipelines.marts.spark.spark_build import build_on_spark
        from citylake.pipelines.marts.spark.spark_inputs import read_inputs

        inputs = read_inputs(work, now, days_to_read(work.table, days))
        if runs_on_spark(work.table, inputs):
            return build_on_spark(work, held, now, days, engine, inputs)
    with engine.room(work.planned.sql) as connection, interrupt_after(connection, work.mart.timeout_s) as limit:
        create_input_views(connection, work, now, days_to_read(work.table, days))
        try:
            rows = SelectedRows(connection, table_select_sql(connection, work, held, days, now.pending))
        except duckdb.Error as error:
            raise select_failed(work, error, limit) from error
        try:
            return curated_table.replace_curated_days(
                work.lake, work.root, held, rows.reader(), now, work.table.day, days
            )
        except DeltaError as error:
            # The rows are computed while they are written: the writer's error may be one of the SELECT.
            if rows.error is None:
                raise
            raise select_failed(work, rows.error, limit) from error


def select_failed(work: TableBuild, error: Exception, limit: TimeLimit | None = None) -> CitylakeError:
    """Return the error of a SELECT as one of the mart: MART_SQL_TIMED_OUT or MART_SQL_FAILED."""
    if limit and limit.exceeded:
        return CitylakeError("MART_SQL_TIMED_OUT", file=work.planned.file, limit=work.mart.timeout)
    return CitylakeError("MART_SQL_FAILED", file=work.planned.file, reason=str(error))


def create_input_views(
    connection: DuckDBPyConnection, work: TableBuild, now: BuildInputs, days: set[date] | None
) -> None:
    """Create the views of the inputs in the versions of ``now``, whatever other runs commit in the meantime."""
    for dataset in sorted(work.planned.datasets):
        partitions = partition_days(dataset, work.registry, days)
        create_standard_view(connection, work.lake, work.registry, dataset, partitions, now.versions[dataset])
    for dataset in sorted(work.planned.absent):
        create_empty_view(connection, work.registry, work.mart, dataset)
    for entity in sorted(work.planned.entities):
        version = now.versions[f"{ENTITY_SCHEMA}.{entity}"]
        create_links_view(connection, work.lake, entity, (ENTITY_SCHEMA, entity), version)
    for mart, table in work.tables_read:
        name = (table,) if mart == work.mart.mart else ("mart", mart, table)
        version = now.versions[f"mart.{mart}.{table}"]
        create_curated_view(connection, work.lake, work.registry, (mart, table), name, days, version=version)


def table_select_sql(
    connection: DuckDBPyConnection,
    work: TableBuild,
    held: DeltaTable | None,
    days: tuple[date, ...] | None,
    pending: Mapping[date, datetime],
    source: str | None = None,
) -> str:
    """Return the table's SELECT with the declared columns and types, for ``days`` (None: all except ``pending``).

    ``source``: a relation with the rows of the SELECT, if they are computed elsewhere.

    Raises MART_COLUMNS_DIFFER and MART_TYPE_UNSTORED.
    """
    terms = stored_columns(connection, work, held if days is not None else None)
    columns = ", ".join(f"{term} AS {sql_identifier(name)}" for name, term in terms.items())
    rows = source or f"({work.planned.sql}\n)"
    query = f"SELECT {columns} FROM {rows}"
    if work.table.day is None or (days is None and not pending):
        return query
    listed = ", ".join(f"DATE '{day.isoformat()}'" for day in (pending if days is None else days))
    day = sql_identifier(work.table.day)
    # A row without a day never waits.
    chosen = f"coalesce({day} NOT IN ({listed}), true)" if days is None else f"{day} IN ({listed})"
    return f"SELECT * FROM ({query}) WHERE {chosen}"


def stored_columns(connection: DuckDBPyConnection, work: TableBuild, held: DeltaTable | None) -> dict[str, str]:
    """Return declared column → SQL that gives what the table's SELECT returns the type in which it is stored.

    ``held``: the table of which a part is replaced, whose types are kept. Raises MART_COLUMNS_DIFFER and
    MART_TYPE_UNSTORED.
    """
    select = f"({work.planned.sql}\n)"
    made = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {select}").fetchall()}
    declared = work.table.columns
    if made.keys() != declared.keys():
        raise CitylakeError(
            "MART_COLUMNS_DIFFER",
            table=work.name,
            missing=", ".join(name for name in declared if name not in made) or "—",
            extra=", ".join(name for name in made if name not in declared) or "—",
            suggestion=", ".join(made),
        )
    for column, kind in duckdb_types.unstored_columns(work.table, made).items():
        raise CitylakeError("MART_TYPE_UNSTORED", column=column, type=kind)
    kinds = duckdb_types.mart_table_types(work.table, work.registry, made)
    if held is not None:
        kinds |= _kept_types(held, made, kinds)
    return {name: stored_value(name, made[name], kind) for name, kind in kinds.items()}


def _kept_types(held: DeltaTable, made: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, str]:
    """The types of the existing table, where an earlier release stored a type of the SELECT in another one."""
    logged = {field.name: duckdb_types.duckdb_type(field.type) for field in held.schema().fields}
    return {name: logged[name] for name, kind in kinds.items() if name in logged and kind != made[name]}


def _fingerprint(work: TableBuild) -> str:
    """Return a hash of everything that determines the table's rows, except its inputs."""
    elements = [column.element for column in work.table.columns.values() if column.element]
    types = {element: work.registry.elements[element].type for element in elements}
    rules = work.table.model_dump_json(exclude={"title", "checks", "expect", "grain", "suppress"})
    indices = [path.read_text(encoding="utf-8") for path in index_files()]
    timezone = work.registry.workspace.settings.timezone
    writes = (work.registry.contracts[name].write for name in sorted(work.planned.datasets))
    hidden = [write.deleted.model_dump_json() for write in writes if write.deleted]
    return _sha256(work.planned.sql, rules, json.dumps(types, sort_keys=True), timezone, *indices, *hidden)


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
