"""What the gates of marts cost: CPU milliseconds a mart on top of the binding by the engine, least of some turns.

python -m benchmarks.gates [WORKSPACE …]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Final

from citylake.pipelines.marts.leaks.leak_gate import check_leaks
from citylake.pipelines.marts.meaning.check_meaning import check_meaning
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.lint.valid_registry import load_sound_registry

ROOT: Final = Path(__file__).parents[1]
_TURNS: Final = 5


def main(folders: Iterable[Path]) -> None:
    """Print a line for each mart of the workspaces, and the mean."""
    print(f"{'CPU ms':32} meaning   leaks")
    found = [cost for folder in folders for cost in _workspace_costs(folder)]
    meaning, leaks = (mean(cost[place] for cost in found) for place in (0, 1))
    print(f"{f'mean of {len(found)} marts':32} {meaning:7.1f} {leaks:7.1f}")


def _workspace_costs(folder: Path) -> Iterator[tuple[float, float]]:
    registry = load_sound_registry(folder)
    with MartBinder(registry) as binder:
        for mart in sorted(registry.marts):
            bound = binder.bind_mart(mart)
            meaning = _least_milliseconds(partial(check_meaning, bound, binder))
            leaks = _least_milliseconds(partial(check_leaks, binder, [mart]))
            print(f"{f'{folder.name} {mart}':32} {meaning:7.1f} {leaks:7.1f}")
            yield meaning, leaks


def _least_milliseconds(check: Callable[[], Iterable[object]]) -> float:
    return min(_milliseconds(check) for _ in range(_TURNS))


def _milliseconds(check: Callable[[], Iterable[object]]) -> float:
    start = time.process_time()
    list(check())
    return 1000 * (time.process_time() - start)


if __name__ == "__main__":
    chosen = [Path(each) for each in sys.argv[1:]]
    main(chosen or [*sorted((ROOT / "workspaces").glob("*/")), ROOT / "tests/real/workspace"])
