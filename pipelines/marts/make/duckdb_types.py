"""The columns and DuckDB types of standard tables and of mart tables, from the declarations."""

from __future__ import annotations

from collections.abc import Mapping

from deltalake.schema import ArrayType, MapType, PrimitiveType, StructType, VariantType

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.make.stored_types import stored_duckdb_type
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import MartTable
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.registry import Registry

ELEMENT_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
    "time": "TIME",
    "boolean": "BOOLEAN",
    "binary": "BLOB",
    "geometry": "BLOB",
}
PROVENANCE_TYPES = {
    "_batch": "VARCHAR",
    "_receipt": "VARCHAR",
    "_row": "BIGINT",
    "_source": "VARCHAR",
    "_warnings": "VARCHAR",
    "_refused": "VARCHAR",
}
PARTITION_DUCKDB_TYPES = {"_day": "DATE", "_month": "VARCHAR", "_year": "VARCHAR"}


_DELTA = {
    "string": "VARCHAR",
    "long": "BIGINT",
    "short": "SMALLINT",
    "byte": "TINYINT",
    "binary": "BLOB",
    "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP",
}
"""Delta types whose DuckDB name is different."""


def duckdb_type(kind: PrimitiveType | ArrayType | MapType | StructType | VariantType) -> str:
    """Return the DuckDB type of a Delta column."""
    if isinstance(kind, ArrayType):
        return f"{duckdb_type(kind.element_type)}[]"
    if isinstance(kind, MapType):
        return f"MAP({duckdb_type(kind.key_type)}, {duckdb_type(kind.value_type)})"
    if isinstance(kind, StructType):
        return "STRUCT(" + ", ".join(f"{sql_identifier(one.name)} {duckdb_type(one.type)}" for one in kind.fields) + ")"
    return _DELTA.get(str(kind.type), str(kind.type).upper())


def standard_table_types(contract: Contract, registry: Registry) -> dict[str, str]:
    """Return column → DuckDB type of a dataset's standard table, from its declarations."""
    columns = {
        name: ELEMENT_DUCKDB_TYPES[registry.elements[element].type]
        for name, element in registry.columns(contract).items()
    }
    for binding in contract.fields.values():
        element = registry.elements[binding.element]
        made = derived_columns(binding.column or element.symbol, binding, element)
        columns |= {name: ELEMENT_DUCKDB_TYPES[kind] for name, kind in made.items()}
    write = contract.write
    if write.mode == "snapshot" and write.valid is None:
        columns |= {"valid_from": "DATE", "valid_to": "DATE"}
    partition = f"_{write.partition.partition('(')[0]}" if write.partition else None
    return columns | PROVENANCE_TYPES | ({partition: PARTITION_DUCKDB_TYPES[partition]} if partition else {})


def mart_table_types(table: MartTable, registry: Registry, made: Mapping[str, str]) -> dict[str, str]:
    """Return column → DuckDB type in which a mart's table stores it: the element's, else that of the SELECT (``made``).

    VARCHAR for what :func:`unstored_columns` names.
    """
    found = {}
    for name, column in table.columns.items():
        kind = ELEMENT_DUCKDB_TYPES[registry.elements[column.element].type] if column.element else made[name]
        found[name] = "DATE" if name == table.day else kind and (stored_duckdb_type(kind) or "VARCHAR")
    return found


def unstored_columns(table: MartTable, made: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of ``made`` whose type no Delta table can hold without loss, with that type."""
    own = (name for name, column in table.columns.items() if not column.element and name != table.day)
    return {name: made[name] for name in own if name in made and stored_duckdb_type(made[name]) is None}
