"""Which receipts a trial reads: all that a replay would read, or some of them, evenly over the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.replay_selection import ReplaySelection, select_replayed
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class ChosenReceipts:
    """``receipts`` of ``total`` ones; ``share``: their part of all bytes, from 0 to 1."""

    receipts: tuple[Receipt, ...]
    total: int
    share: float

    @property
    def whole(self) -> bool:
        """Whether these are all receipts."""
        return len(self.receipts) == self.total


def choose_receipts(context: RunContext, contract: Contract, since: date | None, most: int | None) -> ChosenReceipts:
    """At most ``most`` receipts (None: all) of those received on or after ``since`` in the workspace's zone."""
    found = select_replayed(context, contract, ReplaySelection(since=since or date.min)).receipts
    chosen = found if most is None or len(found) <= most else _spread(found, most)
    size = sum(receipt.size_bytes for receipt in found)
    part = sum(receipt.size_bytes for receipt in chosen)
    return ChosenReceipts(tuple(chosen), len(found), part / size if size else 1.0)


def _spread(receipts: Sequence[Receipt], most: int) -> list[Receipt]:
    """The first, the last, and others evenly between them: the same ones every time."""
    last = len(receipts) - 1
    places = {round(number * last / max(most - 1, 1)) for number in range(most)}
    return [receipts[place] for place in sorted(places)]
