"""Traces one column upstream to the fields of its sources, and downstream to the affected marts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from citylake.pipelines.lineage.column_origins import ColumnOrigins, trace_column_origins
from citylake.pipelines.lineage.dataset_names import list_source_names
from citylake.pipelines.lineage.lineage_model import DatasetName
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.mart_lineage import MartLineage, TouchedColumn
from citylake.schemas.sql.select_lineage import ColumnRef, ColumnSources
from citylake.schemas.sql.transformation_types import TransformationType
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class TraceNode:
    """An upstream column or source field.

    ``ways``: how the column below it uses it. ``sources``: names of the source, for a field only. ``above``: its own
    upstream nodes.
    """

    name: str
    ways: tuple[TransformationType, ...] = ()
    note: LocalizedText | None = None
    sources: tuple[DatasetName, ...] = ()
    above: tuple[TraceNode, ...] = field(default=())


class ColumnTracer:
    """The column lineage of a registry's standard tables and marts. SQL is parsed once, on first use."""

    def __init__(self, registry: Registry, variables: Mapping[str, str]) -> None:
        self._registry, self._variables = registry, variables
        self._lineage = MartLineage(registry)
        self._fields: dict[str, ColumnOrigins] = {}

    def find(self, name: str) -> ColumnRef:
        """Resolve ``dataset.column`` or ``mart.table.column`` to (full name of the table, column).

        Raises LINEAGE_COLUMN_UNKNOWN, with the nearest known names.
        """
        known = self._known
        if name not in known:
            near = ", ".join(nearest_words(name, known)) or "—"
            raise CitylakeError("LINEAGE_COLUMN_UNKNOWN", name=name, suggestion=near)
        return known[name]

    def above(self, source: ColumnRef, passed: frozenset[ColumnRef] = frozenset()) -> tuple[TraceNode, ...]:
        """Return the upstream tree of a column, down to source fields. Empty for a constant or a count.

        ``passed``: columns already on the path; they are left out, so that cycles end.
        """
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
        """Return the mart columns that depend on the column, directly or through other marts."""
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
        # An optional dataset that this workspace does not declare is read as an empty table.
        return source[0] in self._registry.contracts or source[0].startswith("mart.")

    def _origins(self, dataset: str, column: str) -> Iterator[TraceNode]:
        contract = self._registry.contracts[dataset]
        if dataset not in self._fields:
            self._fields[dataset] = trace_column_origins(contract, self._registry)
        places = tuple(list_source_names(contract, self._variables))
        for origin in self._fields[dataset].columns.get(column, ()):
            yield TraceNode(origin.field, (origin.how,), origin.note, places)


def qualified_column(source: ColumnRef) -> str:
    """Return the display name of a column: ``dataset.column`` or ``mart.table.column``."""
    return ".".join((source[0].removeprefix("mart."), source[1]))
