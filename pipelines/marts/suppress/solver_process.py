"""Solves problems with τ-Argus in a process of its own, which may be ended: native code heeds no time limit.

Run as a script with a folder: for each ``N.jj`` it writes ``N.json`` with the cells to hide, or the reason why not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

_OPTIMUM_CELLS = 100
"""Up to so many cells the best answer is searched, which takes a second at most; above, the first one is taken."""
_NO_LIMIT, _FIRST = 100_000, 0
"""Minutes. No other limit: what is hidden must not depend on how busy a machine is."""
_EXACT = 1e-6


def solve_problem(problem: Path, library: Any) -> dict[str, Any]:
    """Return ``hidden``: the numbers of further cells to hide; or ``reason``: why the problem has no proven answer."""
    small = int(problem.read_text(encoding="ascii").splitlines()[1]) <= _OPTIMUM_CELLS
    found: dict[str, Any] = {}
    for limit in (_NO_LIMIT,) if small else (_FIRST, _NO_LIMIT):
        found = _solve(problem, library, limit)
        if "hidden" in found:
            break
    return found


def _solve(problem: Path, library: Any, limit: int) -> dict[str, Any]:
    answer = problem.with_suffix(".out")
    answer.unlink(missing_ok=True)
    solver = library.HiTaSCtrl()
    code = solver.full_jj(in_file_jj=str(problem), out_file=str(answer), max_time=limit)
    # Code 1: the limit was reached, and the answer is the best one so far.
    if code > 1 or not answer.exists():
        return {"reason": str(solver.error_string(code))}
    hidden = {int(line) for line in answer.read_text(encoding="ascii").split()}
    audited = problem.with_suffix(".audit")
    audited.write_text(_with_hidden(problem.read_text(encoding="ascii"), hidden), encoding="ascii")
    rows = library.audit_jj(str(audited))
    if any(row["unsafe"] for row in rows):
        return {"reason": "audit_jj: unsafe"}
    # What everybody can compute protects nothing, and is published.
    return {"hidden": sorted(hidden - {row["cell"] for row in rows if row["max"] - row["min"] < _EXACT})}


def _with_hidden(problem: str, hidden: Collection[int]) -> str:
    """Return the problem in which the safe cells ``hidden`` have the status of hidden ones."""
    lines = problem.splitlines()
    for number in range(2, 2 + int(lines[1])):
        words = lines[number].split()
        if int(words[0]) in hidden and words[3] == "s":
            words[3] = "m"
        lines[number] = " ".join(words)
    return "\n".join(lines) + "\n"


def solve_folder(folder: Path) -> None:
    """Solve every problem of the folder."""
    from pytauargus import _tauargus

    for problem in sorted(folder.glob("*.jj")):
        part = problem.with_suffix(".part")
        part.write_text(json.dumps(solve_problem(problem, _tauargus)), encoding="utf-8")
        part.replace(problem.with_suffix(".json"))


if __name__ == "__main__":
    solve_folder(Path(sys.argv[1]))
