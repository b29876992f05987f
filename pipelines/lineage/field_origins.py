"""Traces bound fields back through a contract's reshape steps to the fields of the source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from citylake.pipelines.lineage.binding_notes import translated_note
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.reshape_step import Pivot, Unpivot
from citylake.schemas.sql.transformation_types import TransformationType, chain_transformations

ANY_FIELD = "*"
"""All unpivoted columns, if the contract does not name them: they are known only from the data."""


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """One field of the source, and how a column is derived from it."""

    field: str
    how: TransformationType = "IDENTITY"
    note: LocalizedText | None = None


@dataclass(slots=True)
class ReshapeOrigins:
    """The origins of fields after the reshape steps so far. A field that no step created is its own origin."""

    made: dict[str, tuple[FieldOrigin, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[FieldOrigin, ...]:
        """Return the source fields of ``name``."""
        return self.made.get(name, (FieldOrigin(name),))


def trace_reshape(contract: Contract) -> ReshapeOrigins:
    """Return the origins after the contract's reshape steps. Fields from the file name count as source fields."""
    named = re.compile(contract.source.name_fields).groupindex if contract.source.name_fields else ()
    origins = ReshapeOrigins(
        {name: (FieldOrigin(name, "TRANSFORMATION", translated_note("name_field")),) for name in named}
    )
    for step in contract.reshape:
        if step.unpivot:
            origins.made |= _unpivot_origins(step.unpivot)
        if step.pivot:
            origins.made |= _pivot_origins(step.pivot, origins)
    return origins


def _unpivot_origins(step: Unpivot) -> Mapping[str, tuple[FieldOrigin, ...]]:
    cells = step.named or ANY_FIELD
    names = [step.name] if step.name else list(re.compile(step.named or "").groupindex)
    found = {name: (FieldOrigin(cells, "TRANSFORMATION", translated_note("unpivot_name")),) for name in names}
    return {**found, step.value: (FieldOrigin(cells, "TRANSFORMATION", translated_note("unpivot_value")),)}


def _pivot_origins(step: Pivot, origins: ReshapeOrigins) -> Mapping[str, tuple[FieldOrigin, ...]]:
    chosen = [
        replace(each, how=chain_transformations(each.how, "CONDITIONAL"), note=translated_note("pivot_on"))
        for each in origins.of(step.on)
    ]
    return {name: (*_cell_origins(field, value, step, origins), *chosen) for name, (field, value) in step.cells.items()}


def _cell_origins(field: str, column: str, step: Pivot, origins: ReshapeOrigins) -> tuple[FieldOrigin, ...]:
    note = translated_note("pivot_value", on=step.on, value=column)
    return tuple(
        replace(each, how=chain_transformations(each.how, "TRANSFORMATION"), note=note) for each in origins.of(field)
    )
