"""One column, back to the fields of its sources and on to the marts that change with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pipelines.lineage.fields import Fields, fields_of
from pipelines.lineage.model import Place
from pipelines.lineage.places import sources_of
from schemas.declaration import Text
from schemas.faults import CitylakeError
from schemas.how import How
from schemas.lineage import Lineage, Touched
from schemas.mart_select import Source, Ways
from schemas.nearest import nearest_words
from schemas.registry import Registry


@dataclass(frozen=True, slots=True)
class Node:
    """A column, or a source's field, and how what was asked for comes from it; ``above``: what it comes from itself."""

    name: str
    ways: tuple[How, ...] = ()
    note: Text | None = None
    sources: tuple[Place, ...] = ()
    above: tuple[Node, ...] = field(default=())


class Tracer:
    """The columns of a registry's standard tables and marts; SQL is read once, when it is asked for."""

    def __init__(self, registry: Registry, variables: Mapping[str, str]) -> None:
        self._registry, self._variables = registry, variables
        self._lineage = Lineage(registry)
        self._fields: dict[str, Fields] = {}

    def find(self, name: str) -> Source:
        """``dataset.column`` or ``mart.table.column`` as a table's full name and a column of it.

        Raises LINEAGE_COLUMN_UNKNOWN.
        """
        known = self._known
        if name not in known:
            near = ", ".join(nearest_words(name, known)) or "—"
            raise CitylakeError("LINEAGE_COLUMN_UNKNOWN", name=name, suggestion=near)
        return known[name]

    def above(self, source: Source, passed: frozenset[Source] = frozenset()) -> tuple[Node, ...]:
        """What a column comes from, down to fields of sources; of a constant, or a count, nothing."""
        table, column = source
        if table in self._registry.contracts:
            return tuple(self._origins(table, column))
        ways = self._made(table).get(column, {})
        return tuple(
            Node(shown(each), tuple(sorted(ways[each])), above=self.above(each, passed | {source}))
            for each in sorted(ways)
            if each not in passed and self._is_known(each)
        )

    def below(self, source: Source) -> list[Touched]:
        """What changes with the column, through every mart."""
        return self._lineage.touched(source[0], [source[1]])

    @cached_property
    def _known(self) -> dict[str, Source]:
        registry = self._registry
        found = {
            f"{name}.{column}": (name, column)
            for name, contract in registry.contracts.items()
            for column in fields_of(contract, registry).columns
        }
        for mart in registry.marts.values():
            for table, declared in mart.tables.items():
                full = f"mart.{mart.mart}.{table}"
                found |= {f"{mart.mart}.{table}.{column}": (full, column) for column in declared.columns}
        return found

    def _made(self, table: str) -> Mapping[str, Ways]:
        _, mart, name = table.split(".")
        return self._lineage.made(mart, name).columns

    def _is_known(self, source: Source) -> bool:
        # An optional dataset that this city does not have is a table without rows.
        return source[0] in self._registry.contracts or source[0].startswith("mart.")

    def _origins(self, dataset: str, column: str) -> Iterator[Node]:
        contract = self._registry.contracts[dataset]
        if dataset not in self._fields:
            self._fields[dataset] = fields_of(contract, self._registry)
        places = tuple(sources_of(contract, self._variables))
        for origin in self._fields[dataset].columns.get(column, ()):
            yield Node(origin.field, (origin.how,), origin.note, places)


def shown(source: Source) -> str:
    """A column by the name that people use: ``dataset.column`` or ``mart.table.column``."""
    return ".".join((source[0].removeprefix("mart."), source[1]))
