"""What every act needs: the declarations, the lake with its ledger, and the person."""

from __future__ import annotations

from dataclasses import dataclass

from citylake.pipelines.acts.person import Person
from citylake.pipelines.lake.lake_access import check_writable
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class ActWork:
    """A person at a lake, with the workspace whose roles and contracts apply."""

    registry: Registry
    lake: Lake
    ledger: Ledger
    person: Person


def open_act_work(registry: Registry, lake: Lake, person: Person) -> ActWork:
    """Return what an act needs. Raises LAKE_UNUSABLE if the lake cannot be written to."""
    return ActWork(registry, check_writable(lake), Ledger(lake), person)
