"""The input of every page: the declarations, the lake and its ledger, and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.data_age import LastArrival, last_arrivals
from citylake.pipelines.site.waiting_rows import WaitingRows, waiting_rows
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

VisibilityCheck = Callable[[str, str], bool]
"""(``dataset`` or ``mart``, name) → whether the reader may see it."""


def allow_all(_kind: str, _name: str) -> bool:
    """Allow the reader to see everything."""
    return True


@dataclass(frozen=True)
class PageRequest:
    """The state that pages are built from. ``now``: aware; ``given``: the ledger, by default a new view of it."""

    registry: Registry
    lake: Lake
    now: datetime
    given: Ledger | None = None

    @property
    def ledger(self) -> Ledger:
        """The given ledger, or a new view of it, which reads its current state."""
        return self.given or Ledger(self.lake)

    @cached_property
    def arrivals(self) -> Mapping[str, LastArrival]:
        """The times of the last data of every dataset."""
        return last_arrivals(self.ledger)

    @cached_property
    def waiting(self) -> Mapping[str, WaitingRows]:
        """The quarantined rows of every declared dataset."""
        ledger = self.ledger
        return {
            name: waiting_rows(self.lake, contract, self.registry, self.now, ledger)
            for name, contract in self.registry.contracts.items()
        }

    def contract(self, dataset: str) -> Contract | None:
        """Return the dataset's contract, or None for a dataset that is only in the ledger."""
        return self.registry.contracts.get(dataset)

    def head(self, dataset: str) -> dict[str, Any]:
        """Return the declared attributes of a dataset: title, description, department, steward, schedule."""
        contract = self.contract(dataset)
        if contract is None:
            return {"dataset": dataset, "title": None, "department": None, "declared": False}
        owner = contract.owner
        return {
            "dataset": dataset,
            "title": contract.title.model_dump(),
            "description": contract.description.model_dump() if contract.description else None,
            "department": owner.department,
            "steward": owner.steward,
            "cron": contract.schedule.cron if contract.schedule else None,
            "declared": True,
        }

    def mart_head(self, mart: str) -> dict[str, Any]:
        """Return the declared attributes of a mart: its title."""
        declared = self.registry.marts.get(mart)
        return {"mart": mart, "title": declared.title.model_dump() if declared else None}


def page_not_found(kind: str, name: str, known: list[str]) -> CitylakeError:
    """Return the error DATASET_UNKNOWN or MART_UNKNOWN, with the known names."""
    return CitylakeError(f"{kind.upper()}_UNKNOWN", **{kind: name, "known": ", ".join(sorted(known)) or "—"})
