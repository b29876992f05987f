"""Random numbers by position: each row is computed independently, so there is no state."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Words: TypeAlias = NDArray[np.uint64]
Draws: TypeAlias = NDArray[np.uint16]
Flags: TypeAlias = NDArray[np.bool_]


def words(index: Ints, seed: int, stream: int) -> Words:
    """64 random bits for each index (SplitMix64; Steele, Lea, Flood 2014); ``stream`` separates the draws."""
    start = np.uint64((seed * 0x9E3779B97F4A7C15 + stream * 0xD1342543DE82EF95) & 0xFFFFFFFFFFFFFFFF)
    state = index.astype(np.uint64)
    state *= np.uint64(0x9E3779B97F4A7C15)
    state += start
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state ^= state >> np.uint64(shift)
        state *= np.uint64(factor)
    state ^= state >> np.uint64(31)
    return state


def draws(index: Ints, seed: int, stream: int) -> Draws:
    """Four independent draws from 0 … 65535 for each index: shape (rows, 4)."""
    return words(index, seed, stream).view(np.uint16).reshape(-1, 4)
