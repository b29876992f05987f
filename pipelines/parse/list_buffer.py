"""Records that are read to the same memory each time, as a JSON list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

BLOCK_BYTES = 1 << 20
"""Bytes of records that are decoded at once: their texts stay in the cache of a processor."""


class ListBuffer:
    """Up to ``size`` bytes of records. New memory for each block would take as long as decoding it."""

    def __init__(self) -> None:
        self.size = BLOCK_BYTES
        self._bytes = bytearray(b"[") + bytearray(self.size + 1)

    def fill(self, read: Callable[[memoryview], int]) -> memoryview:
        """The bytes that ``read`` puts into the memory that it is given; it returns their number."""
        return self._records(read(self._records(self.size)))

    @contextmanager
    def listed(self, end: int) -> Iterator[memoryview]:
        """The first ``end`` bytes as a list."""
        behind, self._bytes[1 + end] = self._bytes[1 + end], ord("]")
        try:
            yield memoryview(self._bytes)[: end + 2]
        finally:
            self._bytes[1 + end] = behind

    def _records(self, count: int) -> memoryview:
        return memoryview(self._bytes)[1 : 1 + count]
