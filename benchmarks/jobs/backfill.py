"""A backfill of one dataset by 1, 2, 4 and 8 workers that take its days: in a folder, and on an object store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.backfill import DAYS, How, day_of
from benchmarks.inputs import detector, made, truth_of
from benchmarks.measure.program import Measured, Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.variants import readings, workspace
from tests.object_store import BUCKET, requests_since, serving

WORKERS: dict[How, tuple[int, ...]] = {"each": (1, 2, 4, 8), "stay": (1, 2, 4, 8)}
BASE = "1 worker"
_STORE = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "a secret", "AWS_EC2_METADATA_DISABLED": "true"}


def measure(options: Options) -> list[Table]:
    """A table for each place. Afterwards every planted row must be there once, or the benchmark fails."""
    files, told = _files(options), options.work / "backfill"
    with serving() as url:
        env = _STORE | {"AWS_ENDPOINT_URL": url}
        return [
            _table(options, "in a folder", files, str(told / "lakes"), {}),
            _table(options, "on an object store", files, BUCKET, env),
        ]


def _files(options: Options) -> Path:
    """A file for each day, named by it."""
    rows = options.rows // DAYS
    folder = detector(options.work, rows * DAYS, days=DAYS, format="many", block=rows)

    def name() -> None:
        for number, file in enumerate(sorted(folder.iterdir())):
            file.rename(file.with_name(f"{day_of(number)}.csv"))
        (folder.parent / f"{folder.name}.named").touch()

    made(folder.parent / f"{folder.name}.named", name)
    return folder


def _table(options: Options, place: str, files: Path, lakes: str, env: dict[str, str]) -> Table:
    declared = workspace(
        options.work / "workspace-backfill",
        {"readings": readings(source={"name_fields": r"(?P<day>\d{4}-\d\d-\d\d)\.csv"})},
    )
    told = options.work / f"backfill {place}.jsonl"
    told.unlink(missing_ok=True)
    check = python("benchmarks.backfill_check", "{out}", truth_of(files), told)
    env = env | {"BENCH_FILE": f"{files}/*.csv"}

    def count_anew(_: Path) -> None:
        if "AWS_ENDPOINT_URL" in env:
            requests_since(env["AWS_ENDPOINT_URL"])

    def program(name: str, workers: int, how: How) -> Program:
        command = python("benchmarks.backfill", "{out}", lakes, workers, how, declared)
        return Program(name, command, check, env, count_anew)

    programs = [
        program(f"{count} worker{'s' * (count > 1)}{', staying' * (how == 'stay')}", count, how)
        for how, counts in WORKERS.items()
        for count in counts
    ]
    programs.append(program("one run of all days", 1, "whole"))
    measured = options.measure(*programs)
    what = f"{DAYS} days of {options.rows // DAYS:,} rows. Each day has a process of its own, unless workers stay."
    return Table(f"backfill {place}", what, BASE, measured, options.rows, _facts(measured, _told(told)))


def _told(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _facts(measured: Sequence[Measured], told: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What each program met in all its turns together, in their order."""
    facts = {}
    for place, item in enumerate(measured):
        mine = told[place :: len(measured)]
        facts[item.name] = "; ".join(_words(each) for each in mine)
    return facts


def _words(met: dict[str, Any]) -> str:
    tables = ", ".join(f"{table} {count}" for table, count in sorted(met["conflicts"].items()))
    said = f"planned again {sum(met['conflicts'].values())} ({tables or '—'})"
    asked = met["requests"]
    if asked:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(asked.items()))
        said += f", requests {sum(asked.values())} ({kinds}), the store's CPU {met['store_cpu_s']:.1f} s"
    return said
