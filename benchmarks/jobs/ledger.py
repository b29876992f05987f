"""What a ledger costs that no upkeep has combined: a year of history in so many files of each of its tables."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.inputs import citylake, made
from benchmarks.jobs.year import DONE, fresh_file, lake_copy, year_lake, year_program
from benchmarks.measure.process import run
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.year.city_year import CityYear

FILES = (100, 1000, 7300)
"""Files of each table; 7,300 are a year of twenty runs a day."""
NEW = "nothing new, a new lake"


def measure(options: Options) -> list[Table]:
    """For each number of files the first run, which combines them, and later ones."""
    city = CityYear(options.work, options.datasets)
    return [_table(options, city, files) for files in FILES]


def _table(options: Options, city: CityYear, files: int) -> Table:
    lake, fresh = year_lake(options, city, options.days, files), fresh_file(city)
    settled = made(lake.with_name(f"{lake.name}-settled"), lambda: _settle(city, lake))
    news = {"BENCH_FILE": str(fresh)}
    programs = [
        year_program(NEW, city, year_lake(options, city, 0), ("run", "--json")),
        year_program("the first run, nothing new", city, lake, ("run", "--json")),
        year_program("nothing new", city, settled, ("run", "--json")),
        year_program("one new file", city, settled, ("run", "--json"), news),
    ]
    measured = options.measure(*programs)
    base = measured[0].cpu_seconds
    facts = {each.name: f"{each.cpu_seconds / base:.2f} × the CPU seconds of {NEW}" for each in measured[1:]}
    what = (
        f"`citylake run`, {city.datasets} datasets, {options.days} days in {files:,} files of each table of the ledger."
    )
    return Table(f"ledger: {files:,} files", what, NEW, measured, None, facts)


def _settle(city: CityYear, lake: Path) -> None:
    """The lake as the first run leaves it."""
    growing = lake.with_name(f"{lake.name}-growing")
    shutil.rmtree(growing, ignore_errors=True)
    lake_copy(lake, growing)
    run(citylake(city.folder, str(growing), "run", "--json"), city.env, growing.with_suffix(".log"), DONE)
    growing.rename(lake.with_name(f"{lake.name}-settled"))
