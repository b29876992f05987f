"""Whether quotes in delimited bytes only enclose whole fields, so that every CSV reader gives the same fields."""

from __future__ import annotations

import numpy as np

_SCAN_LIMIT = 4096
"""Quotes up to which they are searched one by one; beyond that, all at once."""


def quotes_enclose_fields(text: bytearray, end: int, quote: str, delimiter: str) -> bool:
    """Whether every quote in ``text[:end]`` opens or closes a field, or is doubled inside one.

    The text starts outside quotes. Line ends inside quotes are not checked.
    """
    places = _quote_positions(text, end, quote.encode()) if quote else np.zeros(0, np.int64)
    if len(places) % 2:
        return False
    every = np.frombuffer(text, np.uint8, end)
    opening, closing = places[::2], places[1::2]
    structure = np.frombuffer(f"{delimiter}\n\r".encode(), np.uint8)
    doubled = opening[1:] == closing[:-1] + 1
    starts = np.isin(every[np.maximum(opening - 1, 0)], structure[:2]) | (opening == 0)
    ends = np.isin(every[np.minimum(closing + 1, end - 1)], structure) | (closing == end - 1)
    return bool(np.all(starts[1:] | doubled) and np.all(ends[:-1] | doubled) and _outer_quotes_single(starts, ends))


def _outer_quotes_single(starts: np.ndarray, ends: np.ndarray) -> bool:
    """The first quote must open a field and the last must close one."""
    return not len(starts) or bool(starts[0] and ends[-1])


def _quote_positions(text: bytearray, end: int, quote: bytes) -> np.ndarray:
    found: list[int] = []
    place = text.find(quote, 0, end)
    while place >= 0 and len(found) < _SCAN_LIMIT:
        found.append(place)
        place = text.find(quote, place + 1, end)
    if place >= 0:
        return np.flatnonzero(np.frombuffer(text, np.uint8, end) == quote[0])
    return np.array(found, np.int64)
