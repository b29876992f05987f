"""Reading pages again: what nothing counts is known to be whole where every page is the same a second time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from citylake.schemas.words.errors import CitylakeError


def verify_double_read(shown: str, prints: Sequence[str], again: Callable[[int], str]) -> None:
    """``prints`` are the pages' fingerprints, ``again(n)`` that of page n (from 1) as it is now; raises PAGE_CHANGED.

    From the last page to the first, so that the readings of a page enclose those of every later one: what is equal
    twice stood still between the two passes, but for moves that were undone in between (a double collect: Afek et al.,
    Atomic snapshots of shared memory, J. ACM 40, 1993).
    """
    for number in range(len(prints), 0, -1):
        if again(number) != prints[number - 1]:
            raise CitylakeError("PAGE_CHANGED", source=shown, page=number)
