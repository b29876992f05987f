"""The process in which damaged inputs are read: it may abort, hang or run out of memory, and its parent is told."""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.corpus_files import case_document, document_case
from tests.fuzz.damage import damaged
from tests.fuzz.readers import check_case
from tests.fuzz.seeds import FuzzCase, seeds

DEADLINE_S = 90
MEMORY_BYTES = 1 << 30
"""What an input of at most 4 MiB may take above what the process holds."""
ADDRESS_BYTES = 6 << 30
SHRINKS = 150
"""How often a smaller input is tried after a fault; a slow reader would take minutes."""
_SLOW = {"values": 20, "declaration": 8, "onboard": 4}
"""Readers of which an example takes so many times as long."""


def examples_of(reader: str, examples: int) -> int:
    """The number of examples for a reader, so that every reader takes about as long."""
    return max(2, examples // _SLOW.get(reader, 1))


class Watched:
    """Tries cases one by one; what is being tried is in ``current.json``, so that an abort leaves its input."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tried, self.last = folder, 0, (FuzzCase("", ()), "")
        self.failed, self.shrinks = False, 0

    def __call__(self, case: FuzzCase) -> None:
        """Raise AssertionError, with where it was, if the case breaks a promise or raises anything else."""
        self.tried += not self.failed
        self.shrinks += self.failed
        if self.shrinks > SHRINKS:
            return
        note = json.dumps({"tried": self.tried, "case": case_document(case)})
        (self.folder / "current.json").write_text(note, "utf-8")
        faulthandler.dump_traceback_later(DEADLINE_S, exit=True)
        before = _peak_bytes(reset=True)
        try:
            check_case(case)
            grown = _peak_bytes() - before
            assert grown < MEMORY_BYTES, f"memory: {grown >> 20} MiB"
        except BaseException as error:
            self.failed, self.last = True, (case, _signature(error))
            raise AssertionError(self.last[1]) from None
        finally:
            faulthandler.cancel_dump_traceback_later()


def _signature(error: BaseException) -> str:
    """The error, and the innermost place in the project's code."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame for frame in frames if any(part in frame.filename for part in ("/pipelines/", "/schemas/", "/quality/"))
    ]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "—"
    return f"{type(error).__name__} at {place}: {str(error)[:200]}"


def _peak_bytes(*, reset: bool = False) -> int:
    """The highest resident memory, or what is resident now, from which the peak then counts again."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split(None, 1)[0])


def try_reader(watched: Watched, reader: str, examples: int, number: int) -> None:
    """Raise AssertionError with the smallest case that was found."""

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(seeds()[reader]))
    def run(case: FuzzCase) -> None:
        watched(case)

    run()


def _attempt(watched: Watched, reader: str, way: Callable[[], None]) -> dict[str, Any]:
    watched.tried, watched.failed, watched.shrinks = 0, False, 0
    try:
        way()
    except BaseException as error:
        case, why = watched.last
        if not watched.failed:
            raise
        return {"reader": reader, "tried": watched.tried, "why": why or str(error), "case": case_document(case)}
    return {"reader": reader, "tried": watched.tried, "why": ""}


def main(order: dict[str, Any]) -> None:
    """Try what the parent ordered; one line of JSON for each reader, or for each case."""
    faulthandler.enable()
    folder = Path(order["folder"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
    watched = Watched(folder)
    with (folder / "results.jsonl").open("a", encoding="utf-8") as results:
        for name in order["names"]:
            if "cases" in order:
                case = document_case(order["cases"][name])
                found = _attempt(watched, name, lambda case=case: watched(case))  # type: ignore[misc]
            else:
                count = examples_of(name, order["examples"])
                found = _attempt(watched, name, lambda: try_reader(watched, name, count, order["seed"]))  # noqa: B023
            results.write(json.dumps(found) + "\n")
            results.flush()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
