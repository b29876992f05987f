"""Which keys may have come before: a Bloom filter over hashes, whose size does not depend on the keys' length.

"Not seen" is certain, so that a row can be written at once. "Maybe seen" is for few rows, which wait until the end and
are then compared by their real keys: a hash that two keys share never refuses a good row.
(B. H. Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13 (7), 1970.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

_BITS_A_KEY = 24
"""With two places a key, at most one new key in 150 is then taken for one that may have been seen."""
_LEAST, _MOST = 1 << 20, 1 << 33
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio: spreads what is near (D. E. Knuth, TAOCP 3, 6.4)."""


class Seen:
    """The keys of the rows so far. Blocks are looked at in their own order."""

    def __init__(self, rows: int, most_bytes: int) -> None:
        wanted = 1 << (max(rows * _BITS_A_KEY, _LEAST) - 1).bit_length()
        most = 1 << (most_bytes * 8).bit_length() - 1
        self._bits = np.uint64(min(wanted, most, _MOST) - 1)
        self._table = np.zeros((int(self._bits) + 1) // 8, np.uint8)

    def look(self, keys: np.ndarray) -> np.ndarray:
        """Whether each key (uint64 hashes) may have come before, in an earlier call or in this one; remembers all."""
        first = keys & self._bits
        second = (keys >> np.uint64(31)) * _MIX >> np.uint64(17) & self._bits
        maybe = self._holds(first) & self._holds(second)
        self._add(first)
        self._add(second)
        return maybe | ~pl.Series(keys).is_first_distinct().to_numpy()

    def _holds(self, places: np.ndarray) -> np.ndarray:
        return np.asarray((self._table[places >> np.uint64(3)] >> (places & np.uint64(7)).astype(np.uint8)) & 1, np.bool_)

    def _add(self, places: np.ndarray) -> None:
        # A byte's eight bits one after another: within one bit, rows that meet in a byte all write the same.
        bit = places & np.uint64(7)
        for number in range(8):
            chosen = places[bit == number] >> np.uint64(3)
            self._table[chosen] |= np.uint8(1 << number)


def key_hashes(parts: Sequence[np.ndarray], places: Sequence[np.ndarray]) -> np.ndarray:
    """One hash a row from the hashes of its key's columns: ``parts`` by value, ``places`` of each row's value."""
    whole = np.zeros(len(places[0]), np.uint64)
    for hashes, at in zip(parts, places, strict=True):
        whole = (whole ^ hashes[at]) * _MIX
        whole ^= whole >> np.uint64(29)
    return whole
