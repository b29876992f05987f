"""Where the columns of a mart come from: columns of datasets, through every table in between, and source fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.mart_lineage import MartLineage
from citylake.schemas.sql.select_lineage import ColumnRef, SelectLineage


class OriginFinder:
    """Reads each SELECT once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lineage = MartLineage(registry)
        self._made: dict[str, SelectLineage] = {}

    def columns(self, table: str, column: str) -> set[ColumnRef] | None:
        """Return the columns of datasets that a column of ``table`` (``mart.<mart>.<table>``) has its values from.

        Empty for a constant or a count of rows; None if the SELECT cannot be followed.
        """
        found: set[ColumnRef] = set()
        seen: set[ColumnRef] = set()
        waiting: list[ColumnRef] = [(table, column)]
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            if not self._is_mart_table(each[0]):
                found.add(each)
                continue
            made = self._select(each[0])
            if not made.followed:
                return None
            waiting += made.columns.get(each[1], {})
        return {each for each in found if each[0] in self._registry.contracts}

    def tables(self, table: str) -> list[str]:
        """Return what the SELECT of ``table`` reads: datasets, ``mart.<mart>.<table>`` and ``entities.<entity>``."""
        return sorted(self._select(table).tables)

    def fields(self, columns: Iterable[ColumnRef]) -> list[str]:
        """Return the source fields that contracts bind to ``columns``, as ``<dataset>: <field>``."""
        found = (
            f"{dataset}: {field}"
            for dataset, column in sorted(columns)
            for field in _bound_fields(self._registry.contracts[dataset], self._registry).get(column, ())
        )
        return list(dict.fromkeys(found))

    def _is_mart_table(self, table: str) -> bool:
        parts = table.split(".")
        return len(parts) == 3 and parts[0] == "mart" and parts[1] in self._registry.marts

    def _select(self, table: str) -> SelectLineage:
        if table not in self._made:
            _, mart, name = table.split(".")
            known = name in self._registry.marts[mart].tables
            self._made[table] = self._lineage.made(mart, name) if known else SelectLineage()
        return self._made[table]


def _bound_fields(contract: Contract, registry: Registry) -> Mapping[str, tuple[str, ...]]:
    """Standard column → fields of the contract."""
    found: dict[str, tuple[str, ...]] = {}
    for key, binding in contract.fields.items():
        column = binding.column or registry.elements[binding.element].symbol
        listed = (binding.source,) if isinstance(binding.source, str) else binding.source or (key,)
        found[column] = () if binding.constant is not None else tuple(listed)
    if contract.write.partition:
        kind, _, column = contract.write.partition.rstrip(")").partition("(")
        found[f"_{kind}"] = found.get(column, ())
    return found
