"""The mart's SELECT in bare DuckDB over the same files: ``… -m benchmarks.limits.mart STANDARD_TABLE SQL FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def main(table: str, sql: str, folder: str) -> None:
    """One table in one new file."""
    with duckdb.connect(f"{folder}/mart.duckdb") as engine:
        engine.execute("CREATE SCHEMA detector")
        files = f"read_parquet('{table}/*/*.parquet', hive_partitioning = true, hive_types = {{'_day': DATE}})"
        engine.execute(f"CREATE VIEW detector.readings AS FROM {files}")
        engine.execute(f"CREATE TABLE region_hour AS {Path(sql).read_text()}")
        engine.execute("DROP VIEW detector.readings")


if __name__ == "__main__":
    main(*sys.argv[1:4])
