"""The threads of polars and the arenas of its allocator, which are read once, from the environment, at first use."""

from __future__ import annotations

import os

_CORES, _THREADS = "CITYLAKE_CORES", "POLARS_MAX_THREADS"
_ALLOCATOR = "_RJEM_MALLOC_CONF"


def configure_polars() -> None:
    """Let polars have as many threads as ``CITYLAKE_CORES`` says, and its allocator an arena for every two of them.

    Nothing that the environment has already set is changed. Threads that share a core wait for each other actively:
    for small tables that takes a third of the CPU. Each arena keeps memory that was freed; with jemalloc's default,
    four for each core, ``status`` over a year of batches holds a tenth more, and nothing is quicker.
    """
    cores = os.environ.get(_CORES, "")
    if cores.isdecimal() and int(cores):
        os.environ.setdefault(_THREADS, cores)
    threads = os.environ.get(_THREADS, "")
    used = int(threads) if threads.isdecimal() and int(threads) else os.cpu_count() or 1
    os.environ.setdefault(_ALLOCATOR, f"narenas:{(used + 1) // 2}")
