"""The checksum of HJ 212, of many frames at once.

It resembles CRC-16/MODBUS (0xFFFF, 0xA001), but the register is shifted by a byte before the next byte is added. So the
low byte of the register is lost at each step, and the state is one byte: any single wrong byte changes the checksum,
and of damages at random one in 256 does not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

_POLYNOMIAL = 0xA001
_FIRST = 0xFF
_OVERLAP = 4
"""Times its bytes that stretches may have together before running sums are used."""


def checksums(data: bytes, starts: Any, lengths: Any) -> Any:
    """The checksum of each of the stretches of ``data``, none of them empty, as ``uint16``.

    The step is linear over bits: a byte's share depends on its value and its distance from the end alone.
    """
    if not len(starts):
        return np.zeros(0, np.uint16)
    own = overlapping_sums if int(lengths.sum()) > _OVERLAP * len(data) else separate_sums
    return own(np.frombuffer(data, np.uint8), starts, lengths) ^ _shares()[(lengths - 1) % len(_shares()), _FIRST]


def separate_sums(values: Any, starts: Any, lengths: Any) -> Any:
    """The sum of the shares of each stretch; takes time and memory for all their bytes."""
    begins = np.cumsum(lengths) - lengths
    offsets = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
    distances = (np.repeat(lengths, lengths) - 1 - offsets) % len(_shares())
    shares = _shares()[distances, values[offsets + np.repeat(starts, lengths)]]
    return np.bitwise_xor.reduceat(shares, begins)


def overlapping_sums(values: Any, starts: Any, lengths: Any) -> Any:
    """The same by running sums, for stretches within each other; takes time for the bytes of ``values`` alone."""
    period, ends = len(_shares()), starts + lengths
    places, found = np.arange(len(values)), np.zeros(len(starts), np.uint16)
    for rest in range(period):
        own = (ends - 1) % period == rest
        running = np.zeros(len(values) + 1, np.uint16)
        np.bitwise_xor.accumulate(_shares()[(rest - places) % period, values], out=running[1:])
        found[own] = running[ends[own]] ^ running[starts[own]]
    return found


@cache
def _shares() -> Any:
    """By distance from the end and by value, what a byte adds to the checksum; distances repeat after some steps."""
    step = _shifted()
    place = np.arange(256)
    rows: list[Any] = []
    while not rows or (place != np.arange(256)).any():
        rows.append(step[place])
        place = step[place] >> 8
    return np.array(rows, np.uint16)


def _shifted() -> Any:
    found = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        found = np.where(found & 1, (found >> 1) ^ _POLYNOMIAL, found >> 1).astype(np.uint16)
    return found
