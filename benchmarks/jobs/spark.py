"""One mart on DuckDB, on Sail and on Apache Spark, at each of ``--rows``: seconds, memory, and what citylake adds."""

from __future__ import annotations

from pathlib import Path

from benchmarks.inputs import call, citylake
from benchmarks.jobs.mart import DAYS, SQL, base_lake, unbuilt
from benchmarks.measure.program import Measured, Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.variants import with_mart
from citylake.infra.spark.spark_environments import PACKAGES, Server, spark_python
from citylake.pipelines.blocks.memory_budget import parse_memory_size

BARE = "bare DuckDB"
NAMES: dict[Server, str] = {"sail": "Sail", "apache": "Apache Spark"}
MEMORY = "2GB"
"""Of a server, unless ``--memory`` says another: Java's heap, or Sail's pool."""
Spent = tuple[float, float]
"""Seconds by the clock, and CPU seconds."""
ENTRY = "from citylake.pipelines.cli import entry; entry()"


def measure(options: Options) -> list[Table]:
    """A table for each number of rows."""
    call(python("citylake.infra.spark", "environments"))
    return [_at(options, rows) for rows in options.core_rows]


def _at(options: Options, rows: int) -> Table:
    base = base_lake(options, rows)
    table = base / "standard" / "detector.readings"
    check = python("benchmarks.mart_check", "{out}", table, SQL)
    duck = citylake(with_mart(options.work), "{out}", "run", "--mart", "traffic", "--json")
    programs = [
        Program(BARE, python("benchmarks.limits.mart", table, SQL, "{out}")),
        Program("citylake on DuckDB", duck, check, prepare=lambda out: unbuilt(base, out)),
    ]
    for server in PACKAGES:
        programs += _on(server, options, table, check, base)
    measured = options.measure(*programs)
    what = f"{rows:,} readings of {DAYS} days to region × hour; a server and its start are measured with its client."
    return Table(f"spark, {rows:,} rows", what, BARE, measured, rows, _facts(measured))


def _on(server: Server, options: Options, table: Path, check: tuple[str, ...], base: Path) -> list[Program]:
    """The server alone, the SELECT on it, and the mart built with it."""
    name, client = NAMES[server], str(spark_python("client"))
    memory = parse_memory_size(options.memory or MEMORY) >> 20
    start = python("benchmarks.on_server", server, memory, "{out}")
    workspace = with_mart(options.work, engine="spark")
    command = citylake(workspace, "{out}", "run", "--mart", "traffic", "--json")[1:]
    return [
        Program(f"{name}, started", start),
        Program(f"bare {name}", (*start, client, "-m", "benchmarks.limits.spark_mart", str(table), str(SQL), "{out}")),
        Program(
            f"citylake on {name}",
            (*start, client, "-c", ENTRY, *command),
            check,
            prepare=lambda out: unbuilt(base, out),
        ),
    ]


def _facts(measured: list[Measured]) -> dict[str, str]:
    spent = {item.name: (item.seconds, item.cpu_seconds) for item in measured}
    facts = {"citylake on DuckDB / bare DuckDB": _ratio(spent["citylake on DuckDB"], spent[BARE])}
    for name in NAMES.values():
        start = spent[f"{name}, started"]
        bare, ours = (_less(spent[f"{word} {name}"], start) for word in ("bare", "citylake on"))
        facts[f"citylake on {name} / bare {name}, each less the server's start"] = _ratio(ours, bare)
        facts[f"bare {name} less its start / bare DuckDB"] = _ratio(bare, spent[BARE])
    return facts


def _less(spent: Spent, start: Spent) -> Spent:
    return spent[0] - start[0], spent[1] - start[1]


def _ratio(spent: Spent, base: Spent) -> str:
    return f"{spent[0] / base[0]:.2f} by the clock, {spent[1] / base[1]:.2f} by CPU"
