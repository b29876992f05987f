"""Pieces gathered until they fill a block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def pack_pieces(
    pieces: Iterable[T], size: Callable[[T], int], most: int, alike: Callable[[T], object] = lambda _: None
) -> Iterator[list[T]]:
    """Neighbours of at most ``most`` in all that are ``alike``; a larger piece stands alone."""
    waiting: list[T] = []
    held = 0
    for piece in pieces:
        if waiting and (held + size(piece) > most or alike(waiting[0]) != alike(piece)):
            yield waiting
            waiting, held = [], 0
        waiting.append(piece)
        held += size(piece)
    if waiting:
        yield waiting
