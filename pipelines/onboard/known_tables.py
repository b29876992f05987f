"""Standard tables of the lake that hold the same meanings as a draft: what its values are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import polars.selectors as cs

from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.read.registry import Registry

_ROWS = 200_000
"""Rows of a table that are compared with, at most."""


@dataclass(frozen=True, slots=True)
class KnownTables:
    """The workspace's declarations and its lake; without a lake nothing is known.

    ``dataset``: the one that is drafted, whose own rows prove nothing.
    """

    registry: Registry
    lake: Lake | None
    dataset: str = ""

    def with_elements(self, elements: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str], pl.LazyFrame]]:
        """Each table that has all ``elements``: dataset, element → column, and its rows."""
        for dataset in sorted(self.registry.contracts.keys() - {self.dataset}):
            columns = self._columns(dataset)
            if self.lake is None or not set(elements) <= columns.keys():
                continue
            rows = scan_lake_table(self.lake, self.lake.standard(dataset))
            chosen = {element: columns[element] for element in elements}
            # A column that was added to a contract is in no table yet.
            if rows is not None and set(chosen.values()) <= set(rows.collect_schema().names()):
                yield dataset, chosen, rows.select(cs.by_name(*chosen.values())).head(_ROWS)

    def _columns(self, dataset: str) -> Mapping[str, str]:
        """Element → standard column."""
        elements = self.registry.elements
        bindings = (each for each in self.registry.contracts[dataset].fields.values() if each.element in elements)
        return {each.element: each.column or elements[each.element].symbol for each in bindings}
