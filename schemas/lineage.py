"""Which columns of which marts are made from a column of a dataset, worked out from the marts' SQL.

sqlglot is loaded only where somebody asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from schemas.lint.contracts import standard_columns
from schemas.mart_select import Made, Source, made
from schemas.registry import Registry

Touched = tuple[str, str, str | None]
"""A mart, a table of it, and a column; None: which rows the table has."""
_ALL = "*"
_OWN = ("_batch", "_receipt", "_row", "_source", "_warnings", "_day", "_month", "_year")


class Lineage:
    """The marts of a registry; their SQL is read once, when it is first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def made(self, mart: str, table: str) -> Made:
        """What a mart's table is made from; nothing where there is no SQL."""
        return self._tables.get((mart, table), Made())

    def touched(self, dataset: str, columns: Collection[str] | None = None) -> list[Touched]:
        """What changes with the given columns of a dataset (with any, where none are given), through every mart.

        A table that joins, filters or groups by one of them is touched in its rows; so is one whose SELECT names the
        dataset and cannot be traced: better one too many than one too few.
        """
        news: set[Source] = {(dataset, column) for column in ([_ALL] if columns is None else columns)}
        found: set[Touched] = set()
        while news:
            step = {touch for name, table in self._tables.items() for touch in _touches(name, table, news)}
            news = {(f"mart.{mart}.{table}", column or _ALL) for mart, table, column in step - found}
            found |= step
        return sorted(found, key=lambda touch: (touch[0], touch[1], touch[2] or ""))

    @cached_property
    def _tables(self) -> dict[tuple[str, str], Made]:
        return dict(_tables(self._registry))


def _touches(name: tuple[str, str], table: Made, news: Collection[Source]) -> Iterator[Touched]:
    sources, whole = {source for source, _ in news}, {source for source, column in news if column == _ALL}
    for column, made_from in table.columns.items():
        if any(source in news or source[0] in whole for source in made_from):
            yield (*name, column)
    if table.rows.keys() & set(news) or table.tables & (whole if table.followed else sources):
        yield (*name, None)


def _tables(registry: Registry) -> Iterator[tuple[tuple[str, str], Made]]:
    standard = {name: _standard(name, registry) for name in registry.contracts}
    for mart in registry.marts.values():
        folder: Path = registry.places["mart", mart.mart].path.parent
        absent = {name: [*columns, *_OWN] for name, columns in mart.optional.items()}
        known = (
            absent
            | standard
            | {
                f"mart.{other.mart}.{name}": list(table.columns)
                for other in registry.marts.values()
                for name, table in other.tables.items()
            }
        )
        own = {name: f"mart.{mart.mart}.{name}" for name in mart.tables}
        for name in mart.tables:
            file = folder / f"{name}.sql"
            if file.exists():
                yield (mart.mart, name), made(file.read_text(encoding="utf-8"), known, own)


def _standard(dataset: str, registry: Registry) -> list[str]:
    return [*sorted(standard_columns(registry.contracts[dataset], registry) or ()), *_OWN]
