"""What a year costs marts and pages: a mart's day, and the report site again after a batch, beside a week's lake."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.inputs import citylake, made
from benchmarks.measure.program import Measured, Program
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.year.__main__ import write_year
from benchmarks.year.city_year import MART, WITH_MART, CityYear
from benchmarks.year.day_files import day_file

DATASETS, YOUNG, OLD = 20, 7, 365
MOST = 1.2
"""What a mart's day may cost after a year, as a ratio to the same after a week."""
DAY, IDLE = "a mart's day", "nothing to build"
FIRST, AGAIN = "report, first build", "report again, after one batch"


def measure(options: Options) -> list[Table]:
    """One changed day of a mart, a run without one, and the report site, over a week and over a year of history."""
    city = CityYear(options.work.resolve() / "year-marts", DATASETS)
    programs = [program for days in (YOUNG, OLD) for program in _programs(city, days)]
    measured = options.measure(*programs)
    what = f"{DATASETS} datasets with {YOUNG} or {OLD} days of daily batches, a few rows each; ratios by CPU seconds."
    return [Table("year: marts and pages", what, _name(DAY, YOUNG), measured, None, _facts(measured))]


def _programs(city: CityYear, days: int) -> list[Program]:
    settled = made(city.work / "base" / f"settled-{days}", lambda: _settle(city, days))
    changed = made(city.work / "base" / f"changed-{days}", lambda: _change(city, settled, days))
    mart = citylake(city.folder, "{out}/lake", "run", "--mart", MART, "--json")
    today = datetime.now(UTC).date().isoformat()
    report = citylake(city.folder, "{out}/lake", "report", "build", "--out", "{out}/site")

    def program(name: str, command: tuple[str, ...], lake: Path, before: Path | None = None) -> Program:
        return Program(_name(name, days), command, (), city.env, _copied(city, lake, before))

    return [
        program(IDLE, mart, settled),
        program(DAY, (*mart, "--from", today, "--to", today), settled),
        program(FIRST, report, changed),
        program(AGAIN, report, changed, settled),
    ]


def _copied(city: CityYear, lake: Path, before: Path | None) -> Callable[[Path], None]:
    def prepare(out: Path) -> None:
        if before:
            shutil.copytree(before, out / "lake")
            _call(city, out / "lake", "report", "build", "--out", str(out / "site"))
            shutil.rmtree(out / "lake")
        shutil.copytree(lake, out / "lake")

    return prepare


def _settle(city: CityYear, days: int) -> None:
    """A lake of so many days with every mart built."""
    growing = city.work / "base" / f"growing-{days}"
    shutil.rmtree(growing, ignore_errors=True)
    write_year(city, growing, days)
    _call(city, growing, "run", "--mart", MART, "--json")
    growing.rename(growing.with_name(f"settled-{days}"))


def _change(city: CityYear, settled: Path, days: int) -> None:
    """The same, and a new batch of one day in a dataset that the mart reads."""
    growing = city.work / "base" / f"changing-{days}"
    shutil.rmtree(growing, ignore_errors=True)
    shutil.copytree(settled, growing)
    city.source(WITH_MART).write_text(day_file(datetime.now(UTC).date(), "plain", 41))
    _call(city, growing, "run", "--dataset", WITH_MART, "--json")
    growing.rename(growing.with_name(f"changed-{days}"))


def _call(city: CityYear, lake: Path, *words: str) -> None:
    command = citylake(city.folder, str(lake), *words)
    done = subprocess.run(command, env={**os.environ, **city.env}, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr}")


def _name(what: str, days: int) -> str:
    return f"{what}, {days} days"


def _facts(measured: list[Measured]) -> dict[str, str]:
    taken = {item.name: item for item in measured}

    def ratio(name: str, days: int, base: str, base_days: int) -> str:
        # How many times the base's CPU seconds.
        return f"{1 / taken[_name(name, days)].cpu_ratio(taken[_name(base, base_days)]):.2f}"

    return {
        f"{DAY}, a year / a week": f"{ratio(DAY, OLD, DAY, YOUNG)} (at most {MOST})",
        f"{IDLE}, a year / a week": ratio(IDLE, OLD, IDLE, YOUNG),
        f"{AGAIN} / first, a year": ratio(AGAIN, OLD, FIRST, OLD),
        f"{FIRST}, a year / a week": ratio(FIRST, OLD, FIRST, YOUNG),
    }
