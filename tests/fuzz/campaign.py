"""Gives damaged inputs to every reader in child processes; counts what was tried and keeps what broke a reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.child import DEADLINE_S
from tests.fuzz.corpus_files import case_document, document_case, write_case
from tests.fuzz.damage import checksum
from tests.fuzz.seeds import FuzzCase, seeds

_ROOT = Path(__file__).parents[2]
_TAIL_CHARS = 1500
_PLACE = re.compile(r'File "[^"]*/citylake/([^"]+)", line (\d+)')


@dataclass(frozen=True, slots=True)
class Fault:
    """An input that broke a promise; ``name`` is the reader's, or that of the kept case."""

    name: str
    why: str
    case: FuzzCase


@dataclass(slots=True)
class FuzzReport:
    """Inputs tried by reader, and the faults found."""

    tried: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        faults = [{"reader": each.name, "why": each.why} for each in self.faults]
        return {"tried": dict(self.tried), "inputs": self.tried.total(), "faults": faults}


def try_readers(readers: Sequence[str], examples: int, seed: int) -> FuzzReport:
    """Damage each reader's seeds ``examples`` times (fewer for slow readers); the same seed gives the same inputs."""
    return _collect(readers, {"examples": examples, "seed": seed})


def try_cases(cases: Mapping[str, FuzzCase]) -> FuzzReport:
    """Read each case once more."""
    return _collect(tuple(cases), {"cases": {name: case_document(case) for name, case in cases.items()}})


def try_for(
    minutes: float, out: Path, readers: Sequence[str] = (), examples: int = 200, first_seed: int = 0
) -> FuzzReport:
    """Rounds over the readers, each with other damage, until ``minutes`` have passed; each fault is reported once.

    Failing inputs, and ``fuzz.json`` with the counts, are in ``out`` after each round.
    """
    end, whole, seed = time.monotonic() + 60 * minutes, FuzzReport(), first_seed
    while time.monotonic() < end:
        found = try_readers(readers or tuple(seeds()), examples, seed)
        whole.tried += found.tried
        known = {(each.name, each.why) for each in whole.faults}
        whole.faults += [each for each in found.faults if (each.name, each.why) not in known]
        print(f"round {seed}: {whole.tried.total():,} inputs, {len(whole.faults)} faults", file=sys.stderr, flush=True)
        seed += 1
        keep_faults(whole, out)
    return whole


def keep_faults(report: FuzzReport, folder: Path) -> None:
    """Write the counts, and each fault as a case that can be moved to the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fuzz.json").write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    for fault in report.faults:
        write_case(folder / f"{fault.case.reader}-{checksum(fault.case)}.json", fault.case, fault.why)


def _collect(names: Sequence[str], order: dict[str, Any]) -> FuzzReport:
    report, waiting = FuzzReport(), list(names)
    while waiting:
        for found in _run_child(tuple(waiting), order):
            waiting.remove(found["reader"])
            report.tried[found["reader"]] += found["tried"]
            if found["why"]:
                report.faults.append(Fault(found["reader"], found["why"], document_case(found["case"])))
    return report


def _run_child(names: Sequence[str], order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The results of a child; the reader during which it died is one of them."""
    with tempfile.TemporaryDirectory(prefix="citylake-fuzz-") as place:
        folder = Path(place)
        written = folder / "order.json"
        written.write_text(json.dumps({**order, "names": list(names), "folder": place}), "utf-8")
        command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.child", str(written)]
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, errors="replace", check=False)
        results = folder / "results.jsonl"
        lines = results.read_text("utf-8").splitlines() if results.exists() else []
        yield from map(json.loads, lines)
        if done.returncode:
            yield _death(done, folder, [*names, names[-1]][len(lines)])


def _death(done: subprocess.CompletedProcess[str], folder: Path, name: str) -> dict[str, Any]:
    current = folder / "current.json"
    hung = "Timeout (" in done.stderr
    # An exception of the child's own ends it with 1, too.
    if not current.exists() or (done.returncode == 1 and not hung):
        raise RuntimeError(f"the fuzz child could not run: {done.stderr[-_TAIL_CHARS:]}")
    note = json.loads(current.read_text("utf-8"))
    how = f"no answer within {DEADLINE_S} s" if hung else f"the process ended with {done.returncode}"
    places = _PLACE.findall(done.stderr)
    why = f"{how}: {' < '.join(f'{name}:{line}' for name, line in places[:3]) or '—'}"
    return {"reader": name, "tried": note["tried"], "why": why, "case": note["case"]}
