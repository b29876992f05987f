"""How many threads polars starts. It reads that once, from the environment, when it is first used."""

from __future__ import annotations

import os

_CORES, _THREADS = "CITYLAKE_CORES", "POLARS_MAX_THREADS"


def limit_polars_threads() -> None:
    """Let polars have as many threads as ``CITYLAKE_CORES`` says, unless ``POLARS_MAX_THREADS`` says how many.

    Threads that share a core wait for each other actively: for small tables that takes a third of the CPU.
    """
    cores = os.environ.get(_CORES, "")
    if cores.isdecimal() and int(cores):
        os.environ.setdefault(_THREADS, cores)
