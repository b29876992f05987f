"""``python -m benchmarks.peers``: every peer compared with citylake and LIMIT, in turns."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.inputs import detector, truth_of
from benchmarks.measure.machine import machine
from benchmarks.measure.program import ROOT, Program, in_turns, python
from benchmarks.measure.table import Table
from benchmarks.peers.environment import PACKAGES, interpreter
from benchmarks.programs import LIMIT, core, limit, whole

WHAT = (
    "The same file, the same twelve rules and key, and the same counts found by all. The peers write plain Parquet, by "
    "day but for dlt, and keep no landing copy and no ledger."
)


def main() -> None:
    """Install, measure, print and store the results."""
    asked = _parser().parse_args()
    work = asked.work.resolve()
    source = detector(work, asked.rows)
    programs = [limit(source), core(source), whole(source)]
    programs += [
        program for peer in asked.only or PACKAGES if (program := _program(peer, source, work.parent / "peers"))
    ]
    measured = in_turns(programs, asked.runs, work / "run", lambda line: print(line, file=sys.stderr, flush=True))
    table = Table(f"peers, {asked.rows:,} rows", WHAT, LIMIT, measured, asked.rows)
    print(table.markdown())
    document = {"machine": machine(), "jobs": [table.values()]}
    (work / "peers.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _program(peer: str, source: Path, environments: Path) -> Program | None:
    """The peer's program, or None if it cannot be installed here."""
    try:
        own = interpreter(peer, environments)
    except subprocess.CalledProcessError as error:
        print(f"{peer} is left out: {error}", file=sys.stderr)
        return None
    command = (str(own), "-m", f"benchmarks.peers.{peer}", str(source), "{out}")
    return Program(
        f"{peer} {_version(peer, own)}", command, python("benchmarks.peers.outcome", "{out}", truth_of(source))
    )


def _version(peer: str, own: Path) -> str:
    name = PACKAGES[peer][0].split("[")[0].split("<")[0]
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run((str(own), "-c", code), check=True, capture_output=True, text=True).stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--rows", type=lambda text: int(text.replace("_", "")), default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], choices=sorted(PACKAGES))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench")
    return parser


if __name__ == "__main__":
    main()
