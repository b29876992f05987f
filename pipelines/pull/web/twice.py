"""Pages read twice: what nothing counts is known to be whole where every page is the same a second time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.pull.web.document import digest_of
from schemas.faults import CitylakeError


@dataclass(slots=True)
class Twice:
    """Fingerprints of the pages so far.

    The second reading goes from the last page to the first, so that the two readings of a page enclose those of every
    later one: what is equal twice stood still in between (a double collect: Afek et al., Atomic snapshots of shared
    memory, J. ACM 40, 1993).
    """

    prints: list[str] = field(default_factory=list)

    def note(self, records: Sequence[Any]) -> None:
        """A page came."""
        self.prints.append(digest_of(records)[:16])

    def check(self, shown: str, read: Callable[[int], Sequence[Any]]) -> None:
        """``read(n)`` asks for the n-th page again, from 1; raises PAGE_CHANGED where it is another one."""
        for number in range(len(self.prints), 0, -1):
            if digest_of(read(number))[:16] != self.prints[number - 1]:
                raise CitylakeError("PAGE_CHANGED", source=shown, page=number)
