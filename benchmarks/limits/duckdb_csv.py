"""DuckDB's ``COPY`` of the same: ``python -m benchmarks.limits.duckdb_csv FILE FOLDER``."""

from __future__ import annotations

import sys

import duckdb

from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS


def main(source: str, folder: str) -> None:
    """Read typed, write, nothing else."""
    types = dict.fromkeys(INTEGERS, "INTEGER") | dict.fromkeys(DECIMALS, "DOUBLE")
    columns = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in COLUMNS.values())
    form = "header=true, auto_detect=false, delim=',', quote='\"', escape='\"'"
    read = f"read_csv('{source}', {form}, columns={{{columns}}})"
    with duckdb.connect() as engine:
        engine.execute("SET preserve_insertion_order = false")
        engine.execute(f"COPY (FROM {read}) TO '{folder}/all.parquet' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main(*sys.argv[1:3])
