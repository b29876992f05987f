"""Fields as they are bound, followed back through a contract's reshaping to those that the source has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipelines.lineage.notes import said
from schemas.contract import Contract
from schemas.declaration import Text
from schemas.how import How, then
from schemas.reshape import Pivot, Unpivot

ANY = "*"
"""Every column but those that are kept: which they are, only the data tell."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One field of the source, and how what is made of it comes from there."""

    field: str
    how: How = "IDENTITY"
    note: Text | None = None


@dataclass(slots=True)
class Origins:
    """What a field, as it stands after the steps so far, comes from: itself, where no step made it."""

    made: dict[str, tuple[Origin, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Origin, ...]:
        """The source's fields behind ``name``."""
        return self.made.get(name, (Origin(name),))


def origins_of(contract: Contract) -> Origins:
    """The fields after the contract's reshaping; those that the file's name gives are fields of the source."""
    named = re.compile(contract.source.name_fields).groupindex if contract.source.name_fields else ()
    origins = Origins({name: (Origin(name, "TRANSFORMATION", said("name_field")),) for name in named})
    for step in contract.reshape:
        if step.unpivot:
            origins.made |= _unpivoted(step.unpivot)
        if step.pivot:
            origins.made |= _pivoted(step.pivot, origins)
    return origins


def _unpivoted(step: Unpivot) -> Mapping[str, tuple[Origin, ...]]:
    cells = step.named or ANY
    names = [step.name] if step.name else list(re.compile(step.named or "").groupindex)
    found = {name: (Origin(cells, "TRANSFORMATION", said("unpivot_name")),) for name in names}
    return {**found, step.value: (Origin(cells, "TRANSFORMATION", said("unpivot_value")),)}


def _pivoted(step: Pivot, origins: Origins) -> Mapping[str, tuple[Origin, ...]]:
    chosen = [replace(each, how=then(each.how, "CONDITIONAL"), note=said("pivot_on")) for each in origins.of(step.on)]
    return {column: (*_cells(column, step, origins), *chosen) for column in step.columns}


def _cells(column: str, step: Pivot, origins: Origins) -> tuple[Origin, ...]:
    note = said("pivot_value", on=step.on, value=column)
    return tuple(replace(each, how=then(each.how, "TRANSFORMATION"), note=note) for each in origins.of(step.value))
