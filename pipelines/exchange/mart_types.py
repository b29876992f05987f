"""The types of a mart's columns, from its SELECTs bound over empty tables: no lake is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from citylake.pipelines.exchange.described_table import DescribedColumn, DescribedTable, describe_mart_table
from citylake.pipelines.marts.make.duckdb_types import mart_table_types
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.model.element import ElementType
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

_INTEGERS: Final = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)
_TYPES: Final[Mapping[str, ElementType]] = {
    **dict.fromkeys(_INTEGERS, "integer"),
    **dict.fromkeys(("DOUBLE", "FLOAT", "DECIMAL"), "decimal"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"), "datetime"),
    "DATE": "date", "TIME": "time", "BOOLEAN": "boolean", "BLOB": "binary", "VARCHAR": "string",
}  # fmt: skip


class MartTables:
    """Describes tables of marts with the types that they are stored in."""

    def __init__(self, registry: Registry, binder: MartBinder) -> None:
        self._registry, self._binder = registry, binder

    def describe(self, mart: Mart) -> dict[str, DescribedTable]:
        """Table → its description. Raises EXPORT_MART_UNBOUND."""
        bound = self._binder.bind_mart(mart.mart)
        for name, fault in bound.faults.items():
            raise CitylakeError("EXPORT_MART_UNBOUND", mart=mart.mart, table=name, why=str(fault))
        found = {}
        for name, declared in mart.tables.items():
            made = {**dict.fromkeys(declared.columns, ""), **bound.bound[name].columns}
            kinds = mart_table_types(declared, self._registry, made)
            described = describe_mart_table(mart, name, self._registry)
            columns = [_typed(each, kinds.get(each.name, "")) for each in described.columns]
            found[name] = described.with_columns(columns)
        return found


@contextmanager
def mart_tables(registry: Registry) -> Iterator[MartTables]:
    """Describe marts within the block."""
    with MartBinder(registry) as binder:
        yield MartTables(registry, binder)


def _typed(column: DescribedColumn, kind: str) -> DescribedColumn:
    known = column.type or _TYPES.get(kind.partition("(")[0])
    return replace(column, type=known, physical=kind or None)
