"""What a year costs: the commands of a day over a lake with a year behind it, beside the same over a new lake."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from benchmarks.inputs import call, citylake, made
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.year.city_year import CityYear

MOST = {"status": 1.5, "nothing new": 1.3, "one new file": 1.3}
"""The budget of each command: times the CPU seconds over the new lake."""
MOST_MEMORY = 1.2
DONE = (0, 2)
"""Exit codes of a run; 2: some batches of the lake are held."""


def measure(options: Options) -> list[Table]:
    """Each command over both lakes, in turns."""
    city = CityYear(options.work, options.datasets)
    lakes = {"new": year_lake(options, city, 0), "year": year_lake(options, city, options.days)}
    fresh = fresh_file(city)
    return [_table(options, city, lakes, name, fresh) for name in MOST]


def year_lake(options: Options, city: CityYear, days: int, files: int | None = None) -> Path:
    """A lake of so many days; ``files``: of each table of its ledger, as without upkeep."""
    path = options.work / "base" / "-".join(map(str, ("year", city.datasets, days, *([files] if files else []))))
    words = ("--datasets", city.datasets, "--days", days, *(("--files", files) if files else ()))
    return made(path, lambda: call(python("benchmarks.year", city.work, path, *words)))


def fresh_file(city: CityYear) -> Path:
    """A file of today that no lake has read."""
    from datetime import UTC, datetime

    from benchmarks.year.day_files import day_file

    file = city.work / "fresh" / "d000.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text(day_file(datetime.now(UTC).date(), "plain", 5))
    return file


def _table(options: Options, city: CityYear, lakes: dict[str, Path], name: str, fresh: Path) -> Table:
    words = ("status", "--json") if name == "status" else ("run", "--json")
    env = {"BENCH_FILE": str(fresh)} if name == "one new file" else city.env
    programs = [year_program(f"{name}, {age}", city, lake, words, env) for age, lake in lakes.items()]
    new, year = options.measure(*programs)
    ratio, memory = year.cpu_ratio(new) ** -1, year.peak_mb / new.peak_mb
    facts = {
        "CPU seconds": f"{ratio:.2f} × those over a new lake; the budget is {MOST[name]}",
        "peak memory": f"{memory:.2f} × that over a new lake; the budget is {MOST_MEMORY}",
    }
    what = f"`citylake {words[0]}`, {city.datasets} datasets, a lake of one day and one of {options.days} days."
    return Table(f"year: {name}", what, new.name, [new, year], None, facts)


def year_program(
    name: str, city: CityYear, lake: Path, words: tuple[str, ...], env: dict[str, str] | None = None
) -> Program:
    """A command over a lake. ``status`` changes nothing; each run gets a copy, whose marts and old data are linked."""
    env = env or city.env
    if words[0] == "status":
        return Program(name, citylake(city.folder, str(lake), *words), (), env)
    copied = partial(lake_copy, lake)
    return Program(name, citylake(city.folder, "{out}", *words), (), env, copied, codes=DONE)


def lake_copy(lake: Path, out: Path) -> None:
    """Copy what a run may change, and link the data."""
    shutil.copytree(lake, out, dirs_exist_ok=True, copy_function=_linked)


def _linked(source: str, target: str) -> str:
    """A file of data is never changed in place; what may be is copied."""
    if source.endswith(".parquet"):
        Path(target).hardlink_to(source)
        return target
    return str(shutil.copy2(source, target))
