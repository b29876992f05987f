"""What the report site costs: a year of daily runs of 50 datasets, every page in both languages."""

from __future__ import annotations

from pathlib import Path

from benchmarks.inputs import call, citylake, made
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.year.city_year import CityYear

DATASETS, DAYS = 50, 365
MOST_SECONDS, MOST_MB = 30, 1000


def measure(options: Options) -> list[Table]:
    """The first build of a site, with the script of its charts, and a later one."""
    city = CityYear(options.work, DATASETS)
    lake = options.work / "base" / f"year-{DATASETS}-datasets"
    made(lake, lambda: call(python("benchmarks.year", city.work, lake, "--datasets", DATASETS, "--days", DAYS)))
    build = citylake(city.folder, str(lake), "report", "build", "--out", "{out}/site")
    env = city.env

    def built(out: Path) -> None:
        call(tuple(word.replace("{out}", str(out)) for word in build), **env)

    first, again = "first build", "built again"
    measured = options.measure(Program(first, build, (), env), Program(again, build, (), env, built))
    what = f"`citylake report build`: {DATASETS} datasets, {DAYS} daily runs of each."
    facts = {"required": f"less than {MOST_SECONDS} s and {MOST_MB:,} MB"}
    return [Table("report site", what, first, measured, None, facts)]
