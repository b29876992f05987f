"""``python -m benchmarks.match.peers``: valentine's four methods on the Chinese names and the councils' columns."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from subprocess import CalledProcessError, run

from benchmarks.match.pairs import chinese_pairs, council_columns
from benchmarks.match.valentine_questions import (
    BY_NAME,
    BY_VALUE,
    Questions,
    chinese_halves,
    chinese_names,
    chinese_values,
    council_names,
    right_within,
)
from benchmarks.measure.program import ROOT
from benchmarks.peers.environment import interpreter
from citylake.schemas.lint.valid_registry import load_valid_registry

WORKSPACE = ROOT / "tests" / "all_packs"


def main() -> None:
    """Print a table of the shares that are right within one and within three answers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.match.peers", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=ROOT / "build")
    parser.add_argument("--only", nargs="+", default=[*BY_NAME, *BY_VALUE], choices=(*BY_NAME, *BY_VALUE))
    asked = parser.parse_args()
    try:
        own = interpreter("valentine", asked.work / "peers")
    except CalledProcessError as error:
        sys.exit(f"valentine is left out: {error}")
    print("| set | method | top-1 | top-3 | seconds |\n| --- | --- | ---: | ---: | ---: |")
    for method in asked.only:
        for name, questions in _sets(method, asked.data).items():
            print(_row(name, method, questions, own), flush=True)


def _sets(method: str, data: Path) -> dict[str, Questions]:
    registry, pairs = load_valid_registry(WORKSPACE), chinese_pairs()
    if method == "distribution_based":
        return {"a tenth of the Chinese, by values": chinese_halves(pairs)}
    if method in BY_VALUE:
        return {"Chinese, by values": chinese_values(pairs, registry)}
    if method == "similarity_flooding":
        # Its graph has a node for every two columns: all the pairs take an hour.
        found = {"an eighth of the Chinese, by names": chinese_names(pairs[::8], registry, synonyms=False)}
    else:
        found = {"Chinese, by names": chinese_names(pairs, registry)}
    return found | ({"councils, by names": council_names(council_columns(data))} if data.exists() else {})


def _row(name: str, method: str, questions: Questions, own: Path) -> str:
    begun = time.perf_counter()
    command = (str(own), "-m", "benchmarks.peers.valentine", method)
    given = json.dumps(questions.given, ensure_ascii=False)
    said = run(command, cwd=ROOT, input=given, check=True, capture_output=True, text=True)
    answers = json.loads(said.stdout)
    first, third = (right_within(questions, answers, n) for n in (1, 3))
    return f"| {name} | valentine {method} | {first:.2f} | {third:.2f} | {time.perf_counter() - begun:.0f} |"


if __name__ == "__main__":
    main()
