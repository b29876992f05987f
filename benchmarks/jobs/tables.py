"""What thousands of tables cost: declarations, DAGs, the catalogue, a run without news, and pages, each by size."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.inputs import call, citylake, made
from benchmarks.many_tables import area_name, dataset_name, write_city
from benchmarks.measure.program import Measured, Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options

SIZES = (250, 500, 1000, 2000)
AIRFLOW = "import Airflow"
_IMPORT = "import airflow.sdk as a, airflow.dag_processing.dagbag; a.DAG, a.CronPartitionTimetable, a.task"


def measure(options: Options) -> list[Table]:
    """One table: every command at every size, with the CPU milliseconds that one more dataset takes."""
    programs, before = [Program(AIRFLOW, (sys.executable, "-W", "ignore", "-c", _IMPORT))], None
    for tables in SIZES:
        folder = write_city(options.work / f"workspace-tables-{tables}", tables, options.work / "input-tables.csv")
        before = _lake(options, folder, tables, before)
        programs += _programs(folder, before, tables)
    measured = options.measure(*programs, runs=1)
    what = "CPU seconds of whole processes over so many datasets, a mart and five elements for every twenty of them."
    return [Table("tables", what, AIRFLOW, measured, None, _facts(measured))]


def _lake(options: Options, folder: Path, tables: int, before: Path | None) -> Path:
    """A lake that has every dataset of the city: that of the smaller city, and a run."""
    lake = options.work / "base" / f"tables-{tables}"

    def make() -> None:
        growing = lake.with_name(f"{lake.name}-growing")
        shutil.rmtree(growing, ignore_errors=True)
        if before:
            shutil.copytree(before, growing)
        call(citylake(folder, str(growing), "run", "--json"))
        growing.rename(lake)

    return made(lake, make)


def _programs(folder: Path, lake: Path, tables: int) -> list[Program]:
    def program(name: str, *command: str, prepare: Callable[[Path], None] | None = None) -> Program:
        env = {"CITYLAKE_WORKSPACE": str(folder)}
        return Program(f"{name}, {tables:,} tables", command, (), env, prepare)

    def cli(*words: str) -> tuple[str, ...]:
        return citylake(folder, str(lake), *words)

    site = cli("report", "build", "--no-charts", "--out", "{out}/site")
    task = ("dataset_dags.py", f"dataset.{dataset_name(tables - 1)}")
    return [
        program("lint", *cli("lint")),
        program("elements search", *cli("elements", "search", f"{area_name(1)} 均值")),
        program("DAGs, all", *python("benchmarks.parse_dags", "{out}")),
        program("DAGs, a task's", *python("benchmarks.parse_dags", "{out}", *task)),
        program("run, nothing new", *cli("run", "--json")),
        program("status", *cli("status", "--json")),
        program("export dcat", *cli("export", "dcat", "--output", "{out}/catalogue.json")),
        program("overview page", *python("benchmarks.overview_page", folder, lake)),
        program("report site", *site),
    ]


def _facts(measured: list[Measured]) -> dict[str, str]:
    """For each program, the CPU milliseconds a dataset between neighbouring sizes: the same all along if linear."""
    taken = {item.name: item.cpu_seconds for item in measured}
    kinds = list(dict.fromkeys(name.rpartition(", ")[0] for name in taken if name != AIRFLOW))
    facts = {}
    for kind in kinds:
        seconds = [taken[f"{kind}, {size:,} tables"] for size in SIZES]
        steps = zip(SIZES, SIZES[1:], seconds, seconds[1:], strict=False)
        each = ", ".join(f"{(later - earlier) / (more - less) * 1000:.1f}" for less, more, earlier, later in steps)
        facts[kind] = f"{each} ms of CPU for each dataset more"
    return facts
