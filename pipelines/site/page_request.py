"""What every page needs: the lake, its ledger and declarations, the time, and what the reader may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

VisibilityCheck = Callable[[str, str], bool]
"""Whether the reader may see a ``dataset`` or ``mart`` of that name."""


def allow_all(_kind: str, _name: str) -> bool:
    """A reader from whom nothing is hidden."""
    return True


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One question."""

    registry: Registry
    lake: Lake
    now: datetime

    @property
    def ledger(self) -> Ledger:
        """The ledger as it is now."""
        return Ledger(self.lake)

    def contract(self, dataset: str) -> Contract | None:
        """The dataset's contract; none where the ledger knows it from earlier declarations."""
        return self.registry.contracts.get(dataset)

    def head(self, dataset: str) -> dict[str, Any]:
        """What is declared of a dataset, for the top of its entry."""
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
        """What is declared of a mart."""
        declared = self.registry.marts.get(mart)
        return {"mart": mart, "title": declared.title.model_dump() if declared else None}


def page_not_found(kind: str, name: str, known: list[str]) -> CitylakeError:
    """There is no such dataset or mart."""
    return CitylakeError(f"{kind.upper()}_UNKNOWN", **{kind: name, "known": ", ".join(sorted(known)) or "—"})
