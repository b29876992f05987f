"""Schema ``named`` of a published file: each table with the names beside its codes and keys, and local times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from citylake.pipelines.marts.explain.code_tables import CODES
from citylake.pipelines.marts.explain.date_dimension import DIMENSIONS
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import comment_on
from citylake.pipelines.marts.explain.lake_lookup import LakeLookup
from citylake.pipelines.marts.explain.local_times import local_time_sql
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

NAMED: Final = "named"
"""The schema of views with names."""
_EARLIEST: Final = "DATE '0001-01-01'"


@dataclass
class _View:
    """The columns of a view (name → SQL), its joins, and the columns that it adds (name → what they are beside)."""

    columns: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    added: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, sql: str, words: str, beside: str) -> None:
        """Add a column, unless the table has one of that name."""
        if name not in self.columns:
            self.columns[name] = sql
            self.added[name] = (words, beside)


def write_named_views(facts: FileFacts, codes: Mapping[str, str], lookups: Iterable[LakeLookup]) -> None:
    """Write ``named.<table>`` for each table. ``codes``: code list → its table.

    The file is the connection's current database: views name nothing outside it, so that they work whatever the
    database is called by who opens it.
    """
    by_element = {lookup.element: lookup for lookup in lookups}
    repeated = {name for name, table in codes.items() if _has_repeated_codes(facts, table)}
    for table in facts.mart.tables:
        view = _view(facts, table, codes, repeated, by_element)
        columns = ", ".join(f"{sql} AS {sql_identifier(name)}" for name, sql in view.columns.items())
        source = f"FROM {sql_identifier('main', table)} AS t {' '.join(view.joins)}"
        facts.connection.execute(f"CREATE VIEW {sql_identifier(NAMED, table)} AS SELECT {columns} {source}")
        _comment(facts, table, view)


def _view(
    facts: FileFacts, table: str, codes: Mapping[str, str], repeated: set[str], lookups: Mapping[str, LakeLookup]
) -> _View:
    view = _View({name: f"t.{sql_identifier(name)}" for name in facts.shapes[table]})
    for column, kind in facts.shapes[table].items():
        element = facts.element(table, column)
        if kind == "TIMESTAMP WITH TIME ZONE":
            _add_local_time(facts, table, column, view)
        elif element and element.codes and element.codes in codes:
            _add_code_names(facts, table, column, codes[element.codes], view, timed=element.codes in repeated)
        elif element and element.id in lookups:
            _add_label(facts, column, lookups[element.id], view)
    order = [name for column in facts.shapes[table] for name in (column, *_beside(view, column))]
    view.columns = {name: view.columns[name] for name in order}
    return view


def _beside(view: _View, column: str) -> list[str]:
    return [name for name, (_, beside) in view.added.items() if beside == column]


def _add_local_time(facts: FileFacts, table: str, column: str, view: _View) -> None:
    zone = facts.registry.workspace.settings.timezone
    first, last = facts.spans[table][column]
    bounds = (first if isinstance(first, int) else None, last if isinstance(last, int) else None)
    view.add(f"{column}_local", local_time_sql(f"t.{sql_identifier(column)}", zone, *bounds), "local_time", column)


def _add_code_names(facts: FileFacts, table: str, column: str, codes: str, view: _View, *, timed: bool) -> None:
    alias, day = f"c{len(view.joins)}", facts.mart.tables[table].day
    source, on = sql_identifier(CODES, codes), f"{alias}.code = t.{sql_identifier(column)}::VARCHAR"
    if not timed:
        view.joins.append(f"LEFT JOIN {source} AS {alias} ON {on}")
    elif day is None:
        newest = f"SELECT * FROM {source} QUALIFY row_number() OVER (PARTITION BY code ORDER BY {_from('')} DESC) = 1"
        view.joins.append(f"LEFT JOIN ({newest}) AS {alias} ON {on}")
    else:
        # The name of its time: the last one that began by the day. An ASOF join never repeats a row.
        began = f"t.{sql_identifier(day)} >= {_from(f'{alias}.')}"
        view.joins.append(f"ASOF LEFT JOIN {source} AS {alias} ON {on} AND {began}")
    for language in ("zh", "en"):
        view.add(f"{column}_{language}", f"{alias}.name_{language}", f"code_name_{language}", column)


def _from(alias: str) -> str:
    return f"coalesce({alias}valid_from, {_EARLIEST})"


def _add_label(facts: FileFacts, column: str, lookup: LakeLookup, view: _View) -> None:
    told = facts.registry.contracts[lookup.dataset].dimension
    if told is None or told.label not in lookup.columns:
        return
    alias = f"d{len(view.joins)}"
    source = sql_identifier(DIMENSIONS, lookup.name)
    on = f"{alias}.{sql_identifier(lookup.key)} = t.{sql_identifier(column)}"
    view.joins.append(f"LEFT JOIN {source} AS {alias} ON {on}")
    view.add(f"{column}_name", f"{alias}.{sql_identifier(told.label)}", "label", column)


def _has_repeated_codes(facts: FileFacts, table: str) -> bool:
    sql = f"SELECT count(*) > count(DISTINCT code) FROM {sql_identifier(CODES, table)}"
    return bool((facts.connection.execute(sql).fetchone() or (False,))[0])


def _comment(facts: FileFacts, table: str, view: _View) -> None:
    """The columns of the table keep its comments; those that are added say what they are."""
    sql = f"SELECT column_name, comment FROM duckdb_columns() WHERE database_name = current_database() AND \
schema_name = 'main' AND table_name = {sql_literal(table)} AND comment IS NOT NULL"
    for column, comment in facts.connection.execute(sql).fetchall():
        name = sql_identifier(NAMED, table, column)
        facts.connection.execute(f"COMMENT ON COLUMN {name} IS {sql_literal(comment)}")
    zone = facts.registry.workspace.settings.timezone
    comment_on(facts.connection, "VIEW", (NAMED, table), "named", table=table)
    for name, (words, beside) in view.added.items():
        comment_on(facts.connection, "COLUMN", (NAMED, table, name), words, column=beside, zone=zone)
