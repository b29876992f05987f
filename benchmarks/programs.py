"""The programs that several jobs measure."""

from __future__ import annotations

from pathlib import Path

from benchmarks.inputs import citylake, truth_of
from benchmarks.job import WORKSPACE
from benchmarks.measure.program import Program, python

LIMIT, DUCKDB, CORE, RUN = "LIMIT: polars scan_csv", "DuckDB COPY", "citylake core", "citylake run"


def limit(source: Path) -> Program:
    """The bare reader that every share is relative to."""
    return Program(LIMIT, python("benchmarks.limits.polars_csv", source, "{out}"))


def duckdb_copy(source: Path) -> Program:
    """The other bare engine."""
    return Program(DUCKDB, python("benchmarks.limits.duckdb_csv", source, "{out}"))


def core(source: Path, name: str = CORE, workspace: Path = WORKSPACE, batches: str = "one") -> Program:
    """Parse, conform and commit by the contract."""
    command = python("benchmarks.job", source, "--lake", "{out}", "--workspace", workspace, "--batches", batches)
    return Program(name, command, verified(source))


def whole(source: Path, words: tuple[str, ...] = (), name: str = RUN) -> Program:
    """``citylake run``, everything included."""
    command = citylake(WORKSPACE, "{out}", "run", "--dataset", "detector.readings", "--json", *words)
    files = f"{source}/*.csv" if source.is_dir() else str(source)
    return Program(name, command, verified(source), {"BENCH_FILE": files})


def verified(*sources: Path) -> tuple[str, ...]:
    """The check of a lake against the truth of its input."""
    return python("benchmarks.verify", "{out}", *map(truth_of, sources))
