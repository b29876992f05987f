"""A Bloom filter over hashes of keys; its size does not depend on the length of the keys.

"Not seen" is certain, so such a row is written at once. "Maybe seen" applies to few rows, which wait until the end and
are then compared by their real keys, so that a hash collision never refuses a good row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

_BITS_A_KEY = 24
"""With four bits set per key, about one new key in 500 is a false positive once all are in."""
_LEAST, _MOST = 1 << 18, 1 << 28
"""Words of 64 bits. With the least number, one block of usual size has next to no false positives."""
_PART = 1 << 15
"""Keys that are looked up at once: their arrays stay in the processor's cache."""
_PLACES = 1 << 18
"""Places for the keys of a part: with eight per key, about one key in sixteen shares its place with a later one."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio, for multiplicative hashing (D. E. Knuth, TAOCP 3, 6.4)."""
_LOW = np.uint64(2**32 - 1)
_SLOTS = 1 << 16


class BloomFilter:
    """The keys of the rows so far; blocks are added in their order.

    All bits of a key are in one word, so each key costs one memory access (F. Putze et al., Cache-, Hash- and
    Space-Efficient Bloom Filters, 2007).
    """

    def __init__(self, rows: int, most_bytes: int) -> None:
        wanted = max(rows * _BITS_A_KEY // 64, _LEAST)
        self._words = np.zeros(max(1, min(wanted, most_bytes // 8, _MOST)), np.uint64)
        self._repeats = _RepeatFinder()

    def look(self, keys: np.ndarray) -> np.ndarray:
        """Whether each key (uint64 hash) may have been seen, in an earlier call or in this one; adds all of them."""
        maybe = np.empty(len(keys), np.bool_)
        for start in range(0, len(keys), _PART):
            part, found = keys[start : start + _PART], maybe[start : start + _PART]
            self._look(part, found)
            found[self._repeats.find(part)] = True
        return maybe

    def _look(self, keys: np.ndarray, maybe: np.ndarray) -> None:
        """Write into ``maybe`` which keys may have been in earlier parts, and add all of them."""
        # Scaling a 32-bit number to the words is as uniform as a remainder, and much cheaper.
        scaled = keys & _LOW
        scaled *= np.uint64(len(self._words))
        scaled >>= np.uint64(32)
        places, bits = scaled.view(np.int64), _filter_bits(keys)
        held = self._words[places]
        np.equal(held & bits, bits, out=maybe)
        held |= bits
        self._words[places] = held
        self._again(places, bits)

    def _again(self, places: np.ndarray, bits: np.ndarray) -> None:
        """Of several keys in one word only the last was written: write the others."""
        lost = np.flatnonzero((self._words[places] & bits) != bits)
        while len(lost):
            places, bits = places[lost], bits[lost]
            self._words[places] |= bits
            lost = np.flatnonzero((self._words[places] & bits) != bits)


def _filter_bits(keys: np.ndarray) -> np.ndarray:
    one, six = np.uint64(1), np.uint64(63)
    bits: np.ndarray = one << (keys >> np.uint64(58))
    for shift in (52, 46, 40):
        bits |= one << (keys >> np.uint64(shift) & six)
    return bits


class _RepeatFinder:
    """Finds the keys that occur more than once in an array of at most ``_PART`` keys.

    Every key writes its index to a place chosen by its bits; places that hold another key's index are few. Only the
    keys in them can be equal, so only these are sorted.
    """

    def __init__(self) -> None:
        self._holder = np.empty(_PLACES, np.uint16)
        self._index = np.arange(_PART, dtype=np.uint16)

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Indices of keys that occur earlier in the array."""
        twice = self._twice(keys)
        if not len(twice):
            return np.zeros(0, np.int64)
        chosen: np.ndarray = np.flatnonzero(HashPrefilter(twice).look(keys))
        later: np.ndarray = ~pl.Series(keys[chosen]).is_first_distinct().to_numpy()
        return np.asarray(chosen[later])

    def _twice(self, keys: np.ndarray) -> np.ndarray:
        """The keys that occur more than once."""
        places = (keys & np.uint64(_PLACES - 1)).view(np.int64)
        index = self._index[: len(keys)]
        self._holder[places] = index
        holder = self._holder[places]
        # Equal keys share a place, which holds one of them or a third key: whichever was written, no pair is missed.
        others = np.flatnonzero(holder != index)
        ordered = keys[others]
        held = ordered[ordered == keys[holder[others]]]
        ordered.sort()
        return np.concatenate((held, ordered[1:][ordered[1:] == ordered[:-1]]))


class HashPrefilter:
    """A fast prefilter for keys among ``wanted``: no false negatives, few false positives."""

    def __init__(self, wanted: np.ndarray) -> None:
        slots = max(_SLOTS, 1 << (len(wanted) * 16).bit_length())
        self._mask, self._table = np.uint64(slots - 1), np.zeros(slots, np.bool_)
        self._table[(wanted & self._mask).view(np.int64)] = True

    def look(self, keys: np.ndarray) -> np.ndarray:
        """For each key, whether it may be among them."""
        return np.asarray(self._table[(keys & self._mask).view(np.int64)])


def key_hashes(parts: Sequence[np.ndarray], places: Sequence[np.ndarray]) -> np.ndarray:
    """One hash per row from the hashes of its key's columns: ``parts`` by value, ``places`` the index for each row."""
    whole = np.zeros(len(places[0]), np.uint64)
    for hashes, at in zip(parts, places, strict=True):
        whole ^= hashes.take(at)
        whole *= _MIX
        whole ^= whole >> np.uint64(29)
    return whole
