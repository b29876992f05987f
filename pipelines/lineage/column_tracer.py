"""One column, back to the fields of its sources and on to the marts that change with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from citylake.pipelines.lineage.column_origins import ColumnOrigins, trace_column_origins
from citylake.pipelines.lineage.dataset_names import list_source_names
from citylake.pipelines.lineage.lineage_model import DatasetName
from citylake.schemas.model.declaration import LocalizedText
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.mart_lineage import MartLineage, TouchedColumn
from citylake.schemas.sql.select_lineage import ColumnRef, ColumnSources
from citylake.schemas.sql.transformation_types import TransformationType
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.fuzzy_match import nearest_words


@dataclass(frozen=True, slots=True)
class TraceNode:
    """A column, or a source's field, and how what was asked for comes from it; ``above``: what it comes from itself."""

    name: str
    ways: tuple[TransformationType, ...] = ()
    note: LocalizedText | None = None
    sources: tuple[DatasetName, ...] = ()
    above: tuple[TraceNode, ...] = field(default=())


class ColumnTracer:
    """The columns of a registry's standard tables and marts; SQL is read once, when it is asked for."""

    def __init__(self, registry: Registry, variables: Mapping[str, str]) -> None:
        self._registry, self._variables = registry, variables
        self._lineage = MartLineage(registry)
        self._fields: dict[str, ColumnOrigins] = {}

    def find(self, name: str) -> ColumnRef:
        """``dataset.column`` or ``mart.table.column`` as a table's full name and a column of it.

        Raises LINEAGE_COLUMN_UNKNOWN.
        """
        known = self._known
        if name not in known:
            near = ", ".join(nearest_words(name, known)) or "—"
            raise CitylakeError("LINEAGE_COLUMN_UNKNOWN", name=name, suggestion=near)
        return known[name]

    def above(self, source: ColumnRef, passed: frozenset[ColumnRef] = frozenset()) -> tuple[TraceNode, ...]:
        """What a column comes from, down to fields of sources; of a constant, or a count, nothing."""
        table, column = source
        if table in self._registry.contracts:
            return tuple(self._origins(table, column))
        ways = self._made(table).get(column, {})
        return tuple(
            TraceNode(qualified_column(each), tuple(sorted(ways[each])), above=self.above(each, passed | {source}))
            for each in sorted(ways)
            if each not in passed and self._is_known(each)
        )

    def below(self, source: ColumnRef) -> list[TouchedColumn]:
        """What changes with the column, through every mart."""
        return self._lineage.touched(source[0], [source[1]])

    @cached_property
    def _known(self) -> dict[str, ColumnRef]:
        registry = self._registry
        found = {
            f"{name}.{column}": (name, column)
            for name, contract in registry.contracts.items()
            for column in trace_column_origins(contract, registry).columns
        }
        for mart in registry.marts.values():
            for table, declared in mart.tables.items():
                full = f"mart.{mart.mart}.{table}"
                found |= {f"{mart.mart}.{table}.{column}": (full, column) for column in declared.columns}
        return found

    def _made(self, table: str) -> Mapping[str, ColumnSources]:
        _, mart, name = table.split(".")
        return self._lineage.made(mart, name).columns

    def _is_known(self, source: ColumnRef) -> bool:
        # An optional dataset that this city does not have is a table without rows.
        return source[0] in self._registry.contracts or source[0].startswith("mart.")

    def _origins(self, dataset: str, column: str) -> Iterator[TraceNode]:
        contract = self._registry.contracts[dataset]
        if dataset not in self._fields:
            self._fields[dataset] = trace_column_origins(contract, self._registry)
        places = tuple(list_source_names(contract, self._variables))
        for origin in self._fields[dataset].columns.get(column, ()):
            yield TraceNode(origin.field, (origin.how,), origin.note, places)


def qualified_column(source: ColumnRef) -> str:
    """A column by the name that people use: ``dataset.column`` or ``mart.table.column``."""
    return ".".join((source[0].removeprefix("mart."), source[1]))
