"""Receipt ids: each is greater than those of all pulls that ended before, whichever machine made them."""

from __future__ import annotations

from dataclasses import dataclass

from citylake.pipelines.lake.lake_clock import LakeClock, wall_clock_us
from citylake.pipelines.lake.receipt_number import receipt_id, receipt_number

_RESERVED = 4096
"""Numbers reserved at once, microseconds: one write for a pull of that many receipts."""


@dataclass(slots=True)
class ReceiptIds:
    """Ids for the receipts of one pull; nothing is written before the first of them is needed."""

    clock: LakeClock
    after: str = ""
    """The greatest id that the dataset's receipts have."""
    _next: int = 0
    _end: int = 0

    def next(self) -> str:
        """An id for received bytes."""
        if self._next == self._end:
            self._next = self.clock.reserve(_RESERVED, receipt_number(self.after))
            self._end = self._next + _RESERVED
        self._next += 1
        return receipt_id(self._next - 1)


def unordered_receipt_id() -> str:
    """An id for an attempt that stored nothing: its place among the others has no effect."""
    return receipt_id(wall_clock_us())
