"""Chooses the cells to hide with the library pytauargus (τ-Argus): the fewest counts that protect all small ones.

A problem is written in the library's JJ format: one line a cell (number, value, weight, status, least and greatest
value, lower, upper and sliding protection level), then one line a sum (``0 n : cell (coefficient) …``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.suppress.cell_system import Cell, CellSystem
from citylake.schemas.words.errors import CitylakeError

_SOLVER = Path(__file__).resolve().with_name("solver_process.py")


def require_library(mart: str) -> None:
    """Raise DISCLOSURE_EXTRA_MISSING unless the library is installed."""
    try:
        import_module("pytauargus")
    except ImportError as error:
        raise CitylakeError("DISCLOSURE_EXTRA_MISSING", mart=mart) from error


def choose_hidden_cells(systems: Sequence[CellSystem], timeout_s: float, mart: str) -> list[set[int]]:
    """Return for each connected system the positions of the cells to hide: the small ones, and those that protect them.

    A small cell is protected if, for all that is published, it may have any value from the least one to its threshold
    (a total of small cells: from its own value). Raises SMALL_CELLS_UNPROTECTED if the library finds no solution within
    ``timeout_s``, or its own audit does not confirm it.
    """
    chosen = [{position for position, cell in enumerate(system.cells) if cell.small} for system in systems]
    hard = [number for number, system in enumerate(systems) if chosen[number] and system.sums]
    if not hard:
        return chosen
    with scratch_folder() as folder:
        for number in hard:
            Path(folder, f"{number:09}.jj").write_text(_jj_text(systems[number], chosen[number]), encoding="ascii")
        ended = _run_solver(folder, timeout_s)
        for number in hard:
            found = Path(folder, f"{number:09}.json")
            answer: dict[str, Any] = json.loads(found.read_text("utf-8")) if found.exists() else {"reason": ended}
            if "hidden" not in answer:
                raise _unprotected(systems[number], chosen[number], mart, answer["reason"])
            chosen[number].update(answer["hidden"])
    return chosen


def _run_solver(folder: str, timeout_s: float) -> str:
    """Solve the problems of ``folder``. Return how the process ended."""
    command = [sys.executable, "-P", str(_SOLVER), folder]
    try:
        # The library writes logs with exact counts into the current folder.
        done = subprocess.run(  # noqa: S603 (this interpreter and a module of this package)
            command, cwd=folder, capture_output=True, check=False, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        return f"timeout: {timeout_s:g} s"
    lines = done.stderr.decode("utf-8", "replace").split("\n")
    return " ".join([f"exit code {done.returncode}", *lines[-2:]]).strip()


def _unprotected(system: CellSystem, small: Collection[int], mart: str, reason: str) -> CitylakeError:
    first = system.cells[min(small)]
    return CitylakeError(
        "SMALL_CELLS_UNPROTECTED", mart=mart, table=first.table, column=first.column, cells=len(small), reason=reason
    )


def _jj_text(system: CellSystem, small: Collection[int]) -> str:
    return "\n".join([*_cell_lines(system, small), *_sum_lines(system)]) + "\n"


def _cell_lines(system: CellSystem, small: Collection[int]) -> Iterator[str]:
    yield from ("0", str(len(system.cells)))
    totals = {each.total for each in system.sums}
    # A reader knows no greatest value. The library needs one; everything may be twice as large, and more.
    most = 2 * max(cell.value for cell in system.cells) + 100 * max(cell.rule.threshold for cell in system.cells)
    for position, cell in enumerate(system.cells):
        status = "u" if position in small else "s"
        lower, upper = _protection(cell, is_total=position in totals) if position in small else (0, 0)
        # The weight is what is lost: large counts are published rather than small ones.
        weight = max(cell.value, 1) if cell.published else 0
        yield f"{position} {cell.value} {weight} {status} {cell.least} {most} {lower} {upper} 0"


def _protection(cell: Cell, *, is_total: bool) -> tuple[int, int]:
    """How far below and above the cell's value its possible values have to reach."""
    # The parts of a small total are small as well: those that are not 0 are at least 1, and it is no less than they.
    lower = 0 if is_total else cell.value - cell.least
    return lower, cell.rule.threshold - cell.value


def _sum_lines(system: CellSystem) -> Iterator[str]:
    yield str(len(system.sums))
    for each in system.sums:
        parts = " ".join(f"{part} (1)" for part in each.parts)
        yield f"0 {1 + len(each.parts)} : {parts} {each.total} (-1)"
