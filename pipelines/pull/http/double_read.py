"""Double reading: pages without a count are complete if every page is the same when it is read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from citylake.schemas.words.errors import CitylakeError


def verify_double_read(shown: str, prints: Sequence[str], again: Callable[[int], str]) -> None:
    """``prints`` are the pages' fingerprints, ``again(n)`` that of page n (from 1) as it is now; raises PAGE_CHANGED.

    From the last page to the first, so that the two readings of a page enclose those of every later page: what is equal
    twice did not change between them, except for changes that were reverted in between (double collect: Afek et al.,
    Atomic snapshots of shared memory, J. ACM 40, 1993).
    """
    for number in range(len(prints), 0, -1):
        if again(number) != prints[number - 1]:
            raise CitylakeError("PAGE_CHANGED", source=shown, page=number)
