"""Which columns of which marts depend on a column of a dataset, from the marts' SQL.

sqlglot is imported only if there is SQL to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from citylake.schemas.model.entity import LINK_COLUMNS
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.contract_columns import contract_columns
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.select_lineage import ColumnRef, SelectLineage, trace_select

TouchedColumn = tuple[str, str, str | None]
"""A mart, a table of it, and a column; None stands for the rows of the table."""
_ALL = "*"
_OWN = ("_batch", "_receipt", "_row", "_source", "_warnings", "_refused", "_day", "_month", "_year")


class MartLineage:
    """The marts of a registry; their SQL is read once, with the first request."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def made(self, mart: str, table: str) -> SelectLineage:
        """The lineage of a mart's table; empty if it has no SQL."""
        declared = self._registry.marts[mart]
        return _trace_table(declared, table, self._known, self._registry) or SelectLineage()

    def touched(self, dataset: str, columns: Collection[str] | None = None) -> list[TouchedColumn]:
        """What changes with the given columns of a dataset (if none are given, with any column), through every mart.

        If a table joins, filters or groups by one of them, its rows change. The same is assumed if its SELECT names
        the dataset and cannot be traced.
        """
        news: set[ColumnRef] = {(dataset, column) for column in ([_ALL] if columns is None else columns)}
        found: set[TouchedColumn] = set()
        while news:
            step = {touch for name, table in self._tables.items() for touch in _touches(name, table, news)}
            news = {(f"mart.{mart}.{table}", column or _ALL) for mart, table, column in step - found}
            found |= step
        return sorted(found, key=lambda touch: (touch[0], touch[1], touch[2] or ""))

    @cached_property
    def _tables(self) -> dict[tuple[str, str], SelectLineage]:
        found = {
            (mart.mart, name): _trace_table(mart, name, self._known, self._registry)
            for mart in self._registry.marts.values()
            for name in mart.tables
        }
        return {name: table for name, table in found.items() if table}

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        return _known_columns(self._registry)


def _touches(name: tuple[str, str], table: SelectLineage, news: Collection[ColumnRef]) -> Iterator[TouchedColumn]:
    sources, all_columns = {source for source, _ in news}, {source for source, column in news if column == _ALL}
    for column, made_from in table.columns.items():
        if any(source in news or source[0] in all_columns for source in made_from):
            yield (*name, column)
    if table.rows.keys() & set(news) or table.tables & (all_columns if table.followed else sources):
        yield (*name, None)


def _trace_table(
    mart: Mart, name: str, known: Mapping[str, Collection[str]], registry: Registry
) -> SelectLineage | None:
    """The lineage of one table of a mart; none if it has no SQL."""
    file: Path = registry.places["mart", mart.mart].path.parent / f"{name}.sql"
    if not file.exists():
        return None
    absent = {dataset: [*columns, *_OWN] for dataset, columns in mart.optional.items()}
    own = {table: f"mart.{mart.mart}.{table}" for table in mart.tables}
    return trace_select(file.read_text(encoding="utf-8"), absent | dict(known), own)


def _known_columns(registry: Registry) -> dict[str, list[str]]:
    """The columns of every standard table and of every mart's table, by its full name."""
    tables = ((mart.mart, name, table) for mart in registry.marts.values() for name, table in mart.tables.items())
    marts = {f"mart.{mart}.{name}": list(table.columns) for mart, name, table in tables}
    links = {entity.table: list(LINK_COLUMNS) for entity in registry.entities.values()}
    return {name: _standard_table_columns(name, registry) for name in registry.contracts} | marts | links


def _standard_table_columns(dataset: str, registry: Registry) -> list[str]:
    return [*sorted(contract_columns(registry.contracts[dataset], registry) or ()), *_OWN]
