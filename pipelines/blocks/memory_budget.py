"""How much memory and how many cores a run may use, and the sizes derived from it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from citylake.pipelines.blocks.timings import WorkTimings
from citylake.schemas.words.errors import CitylakeError

DEFAULT_MEMORY = "1GB"
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
_MIN_MEMORY = 200_000_000
_PLACE_BYTES = 4


def parse_memory_size(text: str) -> int:
    """``800MB``, ``1.5GB`` or ``1GiB`` in bytes; raises MEMORY_UNREADABLE, also for less than 200 MB."""
    found = re.fullmatch(r"\s*([\d.]+)\s*([KMG]I?|)B?\s*", text.upper())
    try:
        size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    except ValueError:
        size = 0
    if size < _MIN_MEMORY:
        raise CitylakeError("MEMORY_UNREADABLE", value=text)
    return size


def budget_for_memory(memory: str | None) -> Budget:
    """The budget for this much memory, or the default one."""
    return Budget(parse_memory_size(memory)) if memory else Budget()


def available_cores() -> int:
    """``CITYLAKE_CORES``, else the cores that this process may run on; raises CORES_UNREADABLE."""
    if given := os.environ.get("CITYLAKE_CORES"):
        if not given.isdecimal() or int(given) < 1:
            raise CitylakeError("CORES_UNREADABLE", value=given)
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Budget:
    """``memory`` (bytes) bounds what grows with the input; interpreter and libraries need about 300 MB more."""

    memory: int = field(default_factory=lambda: parse_memory_size(os.environ.get("CITYLAKE_MEMORY") or DEFAULT_MEMORY))
    cores: int = field(default_factory=available_cores)
    spent: WorkTimings = field(default_factory=WorkTimings, compare=False)
    """Seconds by kind of work."""

    @property
    def workers(self) -> int:
        """Blocks processed in parallel: one per core, while each still has a useful size."""
        return max(1, min(self.cores, self.memory // 100_000_000))

    @property
    def block_bytes(self) -> int:
        """Bytes of text in a block. Processing takes about ten times as much."""
        return max(1 << 20, min(24 << 20, self.memory // (self.workers * 15)))

    @property
    def block_rows(self) -> int:
        """Rows of a block that is read from Parquet."""
        return self.block_bytes // 128

    def block_rows_of(self, columns: int) -> int:
        """Rows of a block read from Parquet with so many columns; every place takes memory, also an empty one."""
        return max(1, min(self.block_rows, self.block_bytes // (_PLACE_BYTES * max(columns, 1))))

    @property
    def held_rows(self) -> int:
        """Rows that may wait in memory: refused ones, and those of a partition's next row group."""
        return max(10_000, self.memory // 10_000)

    @property
    def key_bytes(self) -> int:
        """Bytes for the Bloom filter of keys."""
        return self.memory // 5

    @property
    def engine(self) -> str:
        """The value of DuckDB's ``memory_limit``."""
        return f"{self.memory // 1_000_000}MB"
