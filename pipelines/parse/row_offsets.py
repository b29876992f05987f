"""Where every 1,000th row of a plain text begins: rows are found again without reading the text from its start."""

from __future__ import annotations

import numpy as np

STEP = 1_000
"""Rows from one known offset to the next."""
_WINDOW = 1 << 14
"""Bytes that are searched at once: they stay in the processor's cache."""
_LINE_END = 10


def find_row_offsets(text: bytearray, start: int, end: int) -> np.ndarray:
    """The offsets (int64) from ``start`` of rows 0, 1000, 2000… of ``text[start:end]``, in which each line is a row."""
    every = np.frombuffer(text, np.uint8, end - start, start)
    found, wanted, passed = [0], STEP, 0
    for place in range(0, len(every), _WINDOW):
        ends = every[place : place + _WINDOW] == _LINE_END
        count = int(np.count_nonzero(ends))
        if passed + count >= wanted:
            at = np.flatnonzero(ends)
            while passed + count >= wanted:
                found.append(place + int(at[wanted - passed - 1]) + 1)
                wanted += STEP
        passed += count
    # The end of the last row begins no other.
    return np.array(found if found[-1] < len(every) else found[:-1], np.int64)
