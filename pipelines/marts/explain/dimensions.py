"""Schema ``dim`` of a published file: regions from code lists; stations, roads and others from datasets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from citylake.pipelines.marts.explain.code_tables import CODES, held_values
from citylake.pipelines.marts.explain.date_dimension import DIMENSIONS
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import OUT, both_languages, comment_on
from citylake.pipelines.marts.explain.lake_lookup import LakeLookup
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal


def write_dataset_dimensions(facts: FileFacts, lookups: Iterable[LakeLookup]) -> None:
    """Write ``dim.<name>`` for each of ``lookups``: one row for each key that the file holds, the newest one."""
    for lookup in lookups:
        key = sql_identifier(lookup.key)
        columns = ", ".join(map(sql_identifier, lookup.columns))
        table = sql_identifier(OUT, DIMENSIONS, lookup.name)
        facts.connection.execute(f"""
            CREATE TABLE {table} AS SELECT {key}, {columns} FROM {lookup.view}
            WHERE {key}::VARCHAR IN (SELECT held FROM ({held_values(facts, element=lookup.element)}))
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {_newest(facts, lookup)}) = 1
            ORDER BY {key}""")
        _comment(facts, lookup)


def _newest(facts: FileFacts, lookup: LakeLookup) -> str:
    """The order of the rows of one key: those in force first, then the newest; all columns last, so that it is one."""
    write = facts.registry.contracts[lookup.dataset].write
    first = []
    if write.mode == "snapshot":
        start, end = (write.valid.start, write.valid.end) if write.valid else ("valid_from", "valid_to")
        first = [f"{sql_identifier(end)} DESC NULLS FIRST", f"{sql_identifier(start)} DESC NULLS LAST"]
    elif write.latest_by:
        first = [f"{sql_identifier(write.latest_by)} DESC NULLS LAST"]
    return ", ".join([*first, *map(sql_identifier, lookup.columns)])


def _comment(facts: FileFacts, lookup: LakeLookup) -> None:
    contract = facts.registry.contracts[lookup.dataset]
    titles = {"title_zh": contract.title.zh, "title_en": contract.title.en}
    comment_on(facts.connection, "TABLE", (DIMENSIONS, lookup.name), "dimension", dataset=lookup.dataset, **titles)
    elements = facts.registry.columns(contract)
    for column in (lookup.key, *lookup.columns):
        if element := facts.registry.elements.get(elements.get(column, "")):
            text = "; ".join([both_languages(element.name), both_languages(element.definition), element.id])
            name = sql_identifier(OUT, DIMENSIONS, lookup.name, column)
            facts.connection.execute(f"COMMENT ON COLUMN {name} IS {sql_literal(text)}")


def write_code_dimensions(facts: FileFacts, codes: Mapping[str, str], taken: Iterable[str]) -> None:
    """Write a view ``dim.<name>`` over the code tables of the lists that are part of a dimension.

    ``codes``: code list → its table; ``taken``: names that a dataset's dimension has already. The file is the
    connection's current database.
    """
    parts: dict[str, list[str]] = {}
    for name, table in codes.items():
        told = facts.registry.codes[name].dimension
        if told and told.name not in taken:
            select = f"SELECT *, {sql_literal(name)} AS code_list FROM {sql_identifier(CODES, table)}"
            parts.setdefault(told.name, []).append(select)
    for dimension, selects in parts.items():
        view = sql_identifier(DIMENSIONS, dimension)
        facts.connection.execute(f"CREATE VIEW {view} AS {' UNION ALL '.join(selects)}")
        comment_on(facts.connection, "VIEW", (DIMENSIONS, dimension), "code_dimension", lists=", ".join(codes))
