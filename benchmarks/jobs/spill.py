"""One SELECT that sorts more than fits into ``--memory``: DuckDB, Sail and Apache Spark write temporary files."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.inputs import call
from benchmarks.jobs.mart import base_lake
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from citylake.infra.spark.spark_environments import Server, spark_python
from citylake.pipelines.blocks.memory_budget import parse_memory_size

MEMORY = "512MB"
"""Of each engine, unless ``--memory`` says another; Apache Spark does not start with less than 450 MB."""
PARTITIONS = (4, 64)
"""Of Apache Spark's shuffle: as many tasks, each with as large a part of the rows."""
AMPLE = "DuckDB with ample memory"


def measure(options: Options) -> list[Table]:
    """A table for each number of rows. Raises ValueError if two engines give other rows."""
    call(python("citylake.infra.spark", "environments"))
    return [_at(options, rows) for rows in options.core_rows]


def _at(options: Options, rows: int) -> Table:
    table, memory = base_lake(options, rows) / "standard" / "detector.readings", options.memory or MEMORY
    results = options.work / "spilled"
    results.mkdir(exist_ok=True)
    programs = [_duckdb(AMPLE, table, results, "16GB"), _duckdb(f"DuckDB, {memory}", table, results, memory)]
    programs.append(_server("sail", f"Sail, {memory}", table, results, memory))
    for partitions in PARTITIONS:
        name = f"Apache Spark, {memory}, {partitions} partitions"
        programs.append(_server("apache", name, table, results, memory, partitions))
    measured = options.measure(*programs)
    what = f"{rows:,} readings sorted by device, lane and time; a server's start is measured with it."
    return Table(
        f"spill, {rows:,} rows", what, AMPLE, measured, rows, _facts(results, [each.name for each in programs])
    )


def _duckdb(name: str, table: Path, results: Path, memory: str) -> Program:
    return Program(name, python("benchmarks.limits.spill", table, "{out}", results / f"{name}.json", memory))


def _server(server: Server, name: str, table: Path, results: Path, memory: str, partitions: int = 0) -> Program:
    start = python("benchmarks.on_server", server, parse_memory_size(memory) >> 20, "{out}")
    client = (str(spark_python("client")), "-m", "benchmarks.limits.spill", str(table), "{out}")
    env = {"BENCH_TEMPORARY": str(results / f"{name}.temporary")}
    if partitions:
        env["BENCH_PARTITIONS"] = str(partitions)
    return Program(name, (*start, *client, str(results / f"{name}.json")), env=env)


def _facts(results: Path, names: list[str]) -> dict[str, str]:
    found = {name: json.loads((results / f"{name}.json").read_text()) for name in names}
    if len({json.dumps(each["rows"]) for each in found.values()}) != 1:
        raise ValueError(f"The engines give other rows: see {results}")
    return {
        f"temporary files, {name}": f"{_temporary(results, name, each) / 2**20:,.0f} MiB"
        for name, each in found.items()
    }


def _temporary(results: Path, name: str, found: dict[str, int | None]) -> int:
    known = found["temporary"]
    return int((results / f"{name}.temporary").read_text()) if known is None else known
