"""The records of an entity, read from the standard tables into tables of one DuckDB instance.

``record``: node, dataset, record_key, the parts as text, valid_from, valid_to. ``node`` numbers the records by the
order of the datasets in the declaration, then by key, so that the order of rows decides nothing.
``identifier``: node, space, value, checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.entities.identifier_values import identifier_values
from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier, sql_literal
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.entity import EntityDeclaration, EntityRecords, ValidColumns
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY_SEPARATOR = "|"
PARTS = ("name", "address", "phone", "place")


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """Of one dataset: rows of the standard table, records, rows without a key, records without any part."""

    rows: int
    records: int
    without_key: int
    without_parts: int


def entity_datasets(entity: EntityDeclaration, context: RunContext) -> list[str]:
    """The datasets of the entity that the workspace declares, in the declaration's order."""
    return [name for name in entity.records if name in context.registry.contracts]


def read_records(
    entity: EntityDeclaration, context: RunContext, versions: Mapping[str, int], engine: MartEngine,
    connection: DuckDBPyConnection,
) -> dict[str, RecordCounts]:  # fmt: skip
    """Create the tables ``record`` and ``identifier`` from the ``versions`` of the datasets.

    A record that has no identifier, name, address or telephone is about nothing, and is only counted. Raises
    ENTITY_KEY_AMBIGUOUS.
    """
    connection.execute(_EMPTY)
    counts = {}
    for rank, dataset in enumerate(entity_datasets(entity, context)):
        create_standard_view(connection, context.lake, context.registry, dataset, None, versions[dataset])
        _check_keys(connection, entity, dataset)
        contract = context.registry.contracts[dataset]
        _add_rows(connection, entity.records[dataset], contract, rank)
        _add_identifiers(connection, engine, entity.records[dataset], contract, context)
        counts[dataset] = _counts(connection, entity.records[dataset], dataset)
    connection.execute(_NUMBERED)
    return counts


def key_sql(records: EntityRecords) -> str:
    """The record key in SQL: the values of the key as text, joined by ``|``; null if one of them is null."""
    texts = [f"CAST({sql_identifier(name)} AS VARCHAR)" for name in records.key]
    return f" || {sql_literal(KEY_SEPARATOR)} || ".join(texts)


def _check_keys(connection: DuckDBPyConnection, entity: EntityDeclaration, dataset: str) -> None:
    key = entity.records[dataset].key
    if len(key) == 1:
        return
    wrong = " OR ".join(f"contains(CAST({sql_identifier(name)} AS VARCHAR), '{KEY_SEPARATOR}')" for name in key)
    found = connection.execute(f"SELECT count(*) FROM {_table(dataset)} WHERE {wrong}").fetchone()
    if found and found[0]:
        raise CitylakeError("ENTITY_KEY_AMBIGUOUS", entity=entity.entity, dataset=dataset, rows=found[0])


def _add_rows(connection: DuckDBPyConnection, records: EntityRecords, contract: Contract, rank: int) -> None:
    parts = ", ".join(f"{_text(getattr(records, name))} AS {name}" for name in PARTS)
    listed = ", ".join(f"{_text(part.column)} AS i{n}" for n, part in enumerate(records.identifiers))
    valid = _validity(records, contract)
    date = f"CAST({sql_identifier(records.date)} AS VARCHAR)" if records.date else "CAST(valid_from AS VARCHAR)"
    same = ", ".join([*PARTS, *(f"i{n}" for n in range(len(records.identifiers)))])
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE chosen AS
        WITH parts AS (
            SELECT {key_sql(records)} AS record_key, {parts}{"," if listed else ""} {listed}, {valid}, {date} AS seen
            FROM {_table(contract.dataset)}
        ), bounded AS (
            SELECT * EXCLUDE (valid_from, valid_to), min(valid_from) OVER same AS valid_from,
                CASE WHEN bool_or(valid_to IS NULL) OVER same THEN NULL ELSE max(valid_to) OVER same END AS valid_to
            FROM parts WHERE record_key IS NOT NULL WINDOW same AS (PARTITION BY record_key)
        )
        SELECT {rank} AS rank, {sql_literal(contract.dataset)} AS dataset, * EXCLUDE (seen) FROM bounded
        QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY seen DESC NULLS LAST, {same}) = 1
    """)


def _add_identifiers(
    connection: DuckDBPyConnection, engine: MartEngine, records: EntityRecords, contract: Contract, context: RunContext
) -> None:
    """Test the identifiers in polars, which has the check digits, and add those that pass."""
    path, tested = f"{engine.folder}/chosen.parquet", f"{engine.folder}/tested.parquet"
    elements = elements_by_column(contract, context.registry)
    for number, part in enumerate(records.identifiers):
        element = elements[part.column]
        here = part.model_copy(update={"column": f"i{number}"})
        chosen = f"SELECT dataset, record_key, i{number} FROM chosen WHERE i{number} IS NOT NULL"
        connection.execute(f"COPY ({chosen}) TO {sql_literal(path)} (FORMAT parquet)")
        for found in identifier_values(here, element):
            value = found.value.alias("value")
            pl.scan_parquet(path).select("dataset", "record_key", value).drop_nulls().sink_parquet(tested)
            named = f"SELECT dataset, record_key, {sql_literal(found.space)}, value, {found.checked}"
            connection.execute(f"INSERT INTO found_identifier {named} FROM read_parquet({sql_literal(tested)})")
    known = f"{' OR '.join(f'{name} IS NOT NULL' for name in ('name', 'address', 'phone'))} OR EXISTS ({_IDENTIFIED})"
    columns = ", ".join(("rank", "dataset", "record_key", *PARTS, "valid_from", "valid_to"))
    connection.execute(f"INSERT INTO found_record SELECT {columns} FROM chosen WHERE {known}")


def _counts(connection: DuckDBPyConnection, records: EntityRecords, dataset: str) -> RecordCounts:
    rows = f"SELECT count(*), count(*) FILTER ({key_sql(records)} IS NULL) FROM {_table(dataset)}"
    every, keyless = connection.execute(rows).fetchall()[0]
    chosen = connection.execute("SELECT count(*) FROM chosen").fetchall()[0][0]
    kept = connection.execute("SELECT count(*) FROM found_record WHERE dataset = ?", [dataset]).fetchall()[0][0]
    return RecordCounts(every, kept, keyless, chosen - kept)


def _validity(records: EntityRecords, contract: Contract) -> str:
    valid = records.valid
    if valid == ValidColumns() and contract.write.mode == "snapshot" and contract.write.valid is None:
        valid = ValidColumns(start="valid_from", end="valid_to")
    named = ((valid.start, "valid_from"), (valid.end, "valid_to"))
    return ", ".join(f"{_typed(column, 'DATE')} AS {name}" for column, name in named)


def _typed(column: str | None, kind: str) -> str:
    return f"CAST({sql_identifier(column)} AS {kind})" if column else f"CAST(NULL AS {kind})"


def _text(column: str | None) -> str:
    return f"nullif(trim({_typed(column, 'VARCHAR')}), '')"


def _table(dataset: str) -> str:
    return sql_identifier(*dataset.split("."))


_IDENTIFIED = "SELECT 1 FROM found_identifier i WHERE i.dataset = chosen.dataset AND i.record_key = chosen.record_key"
_EMPTY = """
    CREATE OR REPLACE TEMP TABLE found_record (
        rank INTEGER, dataset VARCHAR, record_key VARCHAR, name VARCHAR, address VARCHAR, phone VARCHAR,
        place VARCHAR, valid_from DATE, valid_to DATE);
    CREATE OR REPLACE TEMP TABLE found_identifier (
        dataset VARCHAR, record_key VARCHAR, space VARCHAR, value VARCHAR, checked BOOLEAN);
"""
_NUMBERED = """
    CREATE OR REPLACE TEMP TABLE record AS
        SELECT row_number() OVER (ORDER BY rank, record_key) AS node, * EXCLUDE (rank) FROM found_record;
    CREATE OR REPLACE TEMP TABLE identifier AS
        SELECT DISTINCT node, space, value, checked FROM found_identifier JOIN record USING (dataset, record_key);
    DROP TABLE found_record; DROP TABLE found_identifier;
"""
