"""Readers of a mart in processes of their own, while one version after the other is published."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.mart_reader import open_mart
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.faults.power_cut.cut_lake import deliver, write_workspace

_ROOT = Path(__file__).parents[2]
_READERS = 2


def read_while_publishing(folder: Path, publishes: int) -> tuple[int, list[str]]:
    """The number of reads, and what was wrong with any."""
    workspace, lake, stop = write_workspace(folder / "workspace"), folder / "lake", folder / "stop"
    _publish(workspace, lake, 0)
    outputs = [folder / f"reader-{number}" for number in range(_READERS)]
    with ExitStack() as stack:
        readers = []
        for output in outputs:
            file = stack.enter_context(output.open("w", encoding="utf-8"))
            command = [sys.executable, "-m", "tests.reliability.reading", str(lake), str(stop)]
            readers.append(stack.enter_context(subprocess.Popen(command, cwd=_ROOT, stdout=file)))
        try:
            versions = {_publish(workspace, lake, number) for number in range(1, publishes + 1)}
        finally:
            stop.touch()
    ends = [reader.wait() for reader in readers]
    reads = [json.loads(line) for output in outputs for line in output.read_text("utf-8").splitlines()]
    wrong = [f"a reader ended with {code}" for code in ends if code]
    wrong += [read["wrong"] for read in reads if read.get("wrong")]
    seen = {(read["version"], read["rows"]) for read in reads if not read.get("wrong")}
    wrong += [f"{version}: read in two ways" for version, _ in seen if sum(version == each for each, _ in seen) > 1]
    assert len(versions) == publishes
    return len(reads), wrong


def _publish(workspace: Path, lake: Path, number: int) -> str:
    """Deliver, run, and return the version that was published."""
    deliver(workspace, number)
    registry, this, place = load_valid_registry(workspace), new_run(), Lake(str(lake))
    context = RunContext(registry, place, Ledger(place), this, run_variables(registry, this))
    outcome = run_pipeline(context)
    assert outcome.exit_code == 0
    (version,) = [each.version for each in outcome.publications]
    return str(version)


def read_until(lake: Lake, stop: Path) -> None:
    """Open the mart, read it twice, and print one line; until the file ``stop`` exists."""
    while not stop.exists():
        try:
            with open_mart(lake, "air") as mart:
                both = [_digest(mart.execute("SELECT * FROM station_day ORDER BY ALL").fetchall()) for _ in range(2)]
                line = {"version": mart.version, "rows": both[0]}
            line |= {"wrong": f"{line['version']} changed while it was open"} if len(set(both)) > 1 else {}
        except Exception as error:
            line = {"wrong": f"{type(error).__name__}: {error}"}
        print(json.dumps(line), flush=True)


def _digest(rows: list[tuple[object, ...]]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


if __name__ == "__main__":
    read_until(Lake(sys.argv[1]), Path(sys.argv[2]))
